@echo off
chcp 65001 >nul
cd /d "%~dp0"
set PYTHONUTF8=1
where py >nul 2>nul || (echo 请先安装 Python 3.11 或更新版本，安装时勾选 “py launcher”。 & pause & exit /b 1)
if not exist .venv\Scripts\python.exe (
  echo 第一次启动：正在准备运行环境，大约需要几分钟……
  py -3 -m venv .venv || (pause & exit /b 1)
)
.venv\Scripts\python -m pip install --quiet --disable-pip-version-check -r requirements.txt || (pause & exit /b 1)
.venv\Scripts\python -m analytics load-sample || (pause & exit /b 1)
.venv\Scripts\python -m streamlit run dashboard.py
pause
