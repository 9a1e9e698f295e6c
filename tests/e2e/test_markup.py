"""Script and markup in file names, DICOM elements and the address never become part of a page.

Whatever a browser would run or draw of it says "injected"; on the pages it may stand as the letters that it is, or not
at all.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite

from core.data.samples import list_samples
from core.paths import ROOT
from pages.shared.navigation import PAGES, READ, WORKLIST, AppPage
from tests.e2e.conftest import Visit

IMAGE = "<img id=injected src=x onerror=alert(1)>"
PAYLOADS = (
    IMAGE,
    "<script>alert('injected')</script>",
    "\"><svg id=injected onload=alert(1)>'",
    "</code></p><iframe id=injected srcdoc='<script>alert(1)</script>'>",
    "[injected](javascript:alert(1))",
    "![injected](https://other.example/x.png)",
    "`**injected**` **injected** ~~injected~~",
    "$\\href{javascript:alert(1)}{injected}$",
    ":red-background[injected] :material/injected:",
    "{{constructor.constructor('alert(1)')()}} injected",
)
# What has no slash, for file names; the others are names within a zip.
NAMES = tuple(payload for payload in PAYLOADS if "/" not in payload)
MARKUP = "#injected, [onerror], [onload], [srcdoc], a[href^='javascript:' i], [href*='other.ex'], [src*='other.ex']"
DRAWN = "strong, em, del, b, i, h1, h2, h3, svg, a, span[style*='background'], .katex a"
WORDS = (
    "PatientName",
    "PatientID",
    "PatientComments",
    "StudyDescription",
    "SeriesDescription",
    "InstitutionName",
    "OperatorsName",
    "ReferringPhysicianName",
    "ProtocolName",
    "ImageComments",
    "AccessionNumber",
    "StationName",
    "ManufacturerModelName",
)


@pytest.fixture
def watched(visit: Visit) -> Iterator[Visit]:
    """A visit that remembers every dialog, and at its end asserts that there was none, nor a call to another site."""
    dialogs: list[str] = []

    def remember(dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    visit.page.on("dialog", remember)
    yield visit
    assert_no_markup(visit)
    assert dialogs == []
    assert visit.strangers() == set()
    assert visit.errors == []


def assert_no_markup(visit: Visit) -> None:
    page = visit.page
    expect(page.locator(MARKUP)).to_have_count(0)
    expect(page.locator(DRAWN).filter(has_text=re.compile("^injected$"))).to_have_count(0)


def film() -> bytes:
    return list_samples()[0].path.read_bytes()


def dicom() -> bytes:
    """A film with a payload in every element of text that names a person, a place or what was done."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = uid.DigitalXRayImageStorageForPresentation, "1.2.3"
    with Image.open(io.BytesIO(film())) as picture:
        pixels = np.array(picture.convert("L"))
    for number, word in enumerate(WORDS):
        setattr(dataset, word, PAYLOADS[number % len(PAYLOADS)].replace("\\", "/")[:64])
    for word, payload in (("Modality", "<B ID=INJECTED>"), ("ViewPosition", "<I ID=INJECTED>")):
        setattr(dataset, word, payload)
    dataset.BodyPartExamined = "HAND <B>"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OB"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    file = io.BytesIO()
    dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def files() -> list[dict[str, object]]:
    """Films and broken films under every name, a zip of them under names with slashes, and a DICOM file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for payload in PAYLOADS:
            archive.writestr(f"{payload}.jpeg", film())
            archive.writestr(f"broken {payload}.jpeg", film()[:500])
    given = [
        *[(f"{name}.jpeg", film()) for name in NAMES],
        *[(f"broken {name}.jpeg", film()[:500]) for name in NAMES],
        (f"{IMAGE}.dcm", dicom()),
        (f"{IMAGE}.zip", packed.getvalue()),
        (f"broken {IMAGE}.zip", packed.getvalue()[:900]),
    ]
    return [{"name": name, "mimeType": "", "buffer": data} for name, data in given]


@pytest.fixture(autouse=True)
def dicom_of_odd_words() -> Iterator[None]:
    """Values that the standard does not allow are written as they are."""
    import pydicom

    with pydicom.config.disable_value_validation():
        yield


@pytest.mark.parametrize("payload", PAYLOADS[:1] + PAYLOADS[2:4])
def test_what_is_looked_for_would_be_found(visit: Visit, payload: str) -> None:
    dialogs: list[str] = []

    def remember(dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    visit.page.on("dialog", remember)
    visit.page.set_content(f"<p><strong>injected</strong><code>{payload}</p>")
    expect(visit.page.locator(MARKUP)).to_have_count(1)
    expect(visit.page.locator(DRAWN).filter(has_text=re.compile("^injected$"))).to_have_count(1)
    visit.page.wait_for_timeout(200)
    assert dialogs == ["1"]


def test_names_and_elements_on_read(watched: Visit, app_url: str) -> None:
    watched.open(app_url)
    page = watched.open(f"{app_url}/{READ.url_path}")
    page.set_input_files('input[type="file"]', files())
    chosen = page.get_by_role("combobox", name="File")
    expect(chosen).to_be_visible()
    watched.settle()
    seen = set()
    following = page.get_by_role("button", name="Next", exact=True)
    for _ in range(60):
        seen.add(name := chosen.input_value())
        assert_no_markup(watched)
        if not following.is_enabled():
            break
        following.click()
        expect(chosen).not_to_have_value(name)
        watched.settle()
    assert len(seen) == len(NAMES) * 2 + 1 + 2 * len(PAYLOADS) + 1
    assert any(IMAGE in name for name in seen)  # as the letters that it is
    chosen.click()
    assert_no_markup(watched)


def test_names_and_elements_on_the_worklist(watched: Visit, app_url: str) -> None:
    watched.open(app_url)
    page = watched.open(f"{app_url}/{WORKLIST.url_path}")
    page.set_input_files('input[type="file"]', files())
    expect(page.get_by_role("heading", name=re.compile(r"^\d+ films:"))).to_be_visible()
    watched.settle()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    assert_no_markup(watched)
    for fold in page.get_by_test_id("stExpander").all():
        fold.locator("summary").click()
        watched.settle()
        assert_no_markup(watched)


def keys() -> set[str]:
    """Every name that a page gives to a part of it, some of which the address can set."""
    found = set()
    for path in Path(ROOT / "pages").rglob("*.py"):
        found |= set(re.findall(r'"((?:[a-z]+_)+[a-z]+)"', path.read_text("utf-8")))
    return {key for key in found if len(key) < 40}


@pytest.mark.parametrize("app_page", PAGES, ids=lambda app_page: app_page.key)
def test_words_in_the_address(watched: Visit, app_url: str, app_page: AppPage) -> None:
    watched.open(app_url)
    payload = quote(IMAGE)
    known = "&".join(f"{key}={payload}" for key in sorted(keys()))
    query = f"{payload}={payload}&q=%3Cscript%3Ealert(1)%3C/script%3E&{known}"
    page = watched.open(f"{app_url}/{app_page.url_path}?{query}#{payload}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    watched.settle()
    assert_no_markup(watched)
    watched.assert_sound()


def test_a_page_that_is_not_there(watched: Visit, app_url: str) -> None:
    watched.open(app_url)
    page = watched.page
    page.goto(f"{app_url}/{quote(IMAGE, safe='')}?embed=true&embed_options={quote(IMAGE)}")
    watched.settle()
    assert_no_markup(watched)
