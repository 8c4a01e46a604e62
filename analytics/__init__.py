"""码上报 · 诉求成效看板: the core. It imports no Streamlit and never asks what time it is."""
