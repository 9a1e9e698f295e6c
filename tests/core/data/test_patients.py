import pytest

from core.data.patients import patient_key


@pytest.mark.parametrize(
    ("name", "narrow", "wide", "pathogen"),
    [
        ("person12_virus_3.jpeg", "person12_virus", "person12", "virus"),
        ("person12_bacteria_40.jpeg", "person12_bacteria", "person12", "bacteria"),
        ("person012_bacteria_40.JPG", "person12_bacteria", "person12", "bacteria"),
        ("person441_virus_917_1.jpeg", "person441_virus", "person441", "virus"),
        ("IM-0012-0001.jpeg", "IM-0012", "IM-0012", ""),
        ("IM-0012-0001-0002.jpeg", "IM-0012", "IM-0012", ""),
        ("NORMAL2-IM-0012-0001.jpeg", "NORMAL2-IM-0012", "IM-0012", ""),
        ("holiday.jpeg", "holiday.jpeg", "holiday.jpeg", ""),
        ("person_virus_1.jpeg", "person_virus_1.jpeg", "person_virus_1.jpeg", ""),
        ("person1_fungus_1.jpeg", "person1_fungus_1.jpeg", "person1_fungus_1.jpeg", ""),
        ("copy of person1_virus_1.jpeg", "copy of person1_virus_1.jpeg", "copy of person1_virus_1.jpeg", ""),
    ],
)
def test_keys(name: str, narrow: str, wide: str, pathogen: str) -> None:
    assert patient_key(name) == (narrow, wide, pathogen)
