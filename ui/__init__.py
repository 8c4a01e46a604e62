"""The Streamlit shell that the pages share: menu, scope, guard, components. The core knows nothing of it."""
