import sys
import types

import pytest

from core.data.fetch import HANDLE, fetch_kaggle
from core.errors import DataError


class Answer:
    def __init__(self, status_code):
        self.status_code = status_code


class ConnectionError_(OSError):  # as requests.ConnectionError is
    pass


class HTTPError(OSError):  # as requests.HTTPError is
    def __init__(self, status_code):
        super().__init__("https://www.kaggle.com/api\n says no")
        self.response = Answer(status_code)


class UnauthenticatedError(Exception):  # as kagglehub's is
    pass


@pytest.fixture
def kagglehub(monkeypatch):
    """A kagglehub whose download does what ``outcome`` says."""
    module = types.ModuleType("kagglehub")
    module.outcome = "/somewhere/versions/2"
    module.asked = []

    def dataset_download(handle):
        module.asked.append(handle)
        print("Downloading 100 %")
        if isinstance(module.outcome, Exception):
            raise module.outcome
        return module.outcome

    module.dataset_download = dataset_download
    monkeypatch.setitem(sys.modules, "kagglehub", module)
    return module


def test_folder(kagglehub, tmp_path, capsys):
    kagglehub.outcome = str(tmp_path)
    assert fetch_kaggle() == tmp_path
    assert kagglehub.asked == [HANDLE] == ["paultimothymooney/chest-xray-pneumonia"]
    captured = capsys.readouterr()
    assert captured.out == ""  # --json keeps standard output to itself
    assert "Downloading" in captured.err


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ConnectionError_("HTTPSConnectionPool(host='api.kaggle.com'):\nno route"), "go online"),
        (TimeoutError("timed out"), "go online"),
        (HTTPError(401), "kaggle.json"),
        (HTTPError(403), "kaggle.json"),
        (UnauthenticatedError("User is not authenticated"), "kaggle.json"),
        (HTTPError(404), "status 404"),
        (HTTPError(503), "try again later"),
        (OSError(28, "No space left on device"), "No space left"),
        (RuntimeError("several\nlines"), "several lines"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_failures_say_in_one_line_what_to_do(kagglehub, error, says):
    kagglehub.outcome = error
    with pytest.raises(DataError, match=says) as failed:
        fetch_kaggle()
    assert "\n" not in str(failed.value)
    assert f"https://www.kaggle.com/datasets/{HANDLE}" in str(failed.value)


def test_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(DataError, match="pip install"):
        fetch_kaggle()
