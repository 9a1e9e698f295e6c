"""Files that are no pictures at all, whatever their name says: texts, pages, programs, fonts, archives, films, data."""

import gzip
import io
import json
import lzma
import struct
import tarfile
import wave
import zlib

import numpy as np
from PIL import Image

from tests.hostile.parts import GRAY, SCRIPT, Kind, encode, jpeg

MEGABYTE = 2**20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"'
NOT_A_PICTURE = "not a picture"


def tar(link: bool = False) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as packed:
        info = tarfile.TarInfo("../../etc/cron.d/film.jpeg" if link else "film.jpeg")
        if link:
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        else:
            info.size = len(jpeg())
        packed.addfile(info, io.BytesIO(jpeg()))
    return file.getvalue()


def sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as track:
        track.setnchannels(1)
        track.setsampwidth(2)
        track.setframerate(8000)
        track.writeframes(bytes(4000))
    return file.getvalue()


def array() -> bytes:
    file = io.BytesIO()
    np.save(file, GRAY)
    return file.getvalue()


def gif(width: int, height: int, frames: int = 1) -> bytes:
    picture = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2\2\x4c\1\0"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + picture * frames + b";"


def entities() -> bytes:
    """A billion laughs."""
    lines = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">{lines}]><l>&a11;</l>'.encode()


OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
FILES = {
    "one byte": (lambda: b"x", "film.jpeg"),
    "one NUL": (lambda: b"\0", "film.png"),
    "nothing but NULs": (lambda: bytes(4096), "film.dcm"),
    "25 MB of NULs": (lambda: bytes(25 * MEGABYTE), "film.dcm"),
    "25 MB of ones": (lambda: b"\xff" * (25 * MEGABYTE), "film.jpeg"),
    "random bytes": (lambda: np.random.default_rng(9).bytes(100_000), "film.jpeg"),
    "spaces": (lambda: b" " * 100_000, "film.tif"),
    "text": (lambda: b"No picture, whatever its name says.\n" * 20, "film.jpeg"),
    "24 MB of text": (lambda: b"No picture, whatever its name says.\n" * 699_000, "film.jpeg"),
    "24 MB in one line": (lambda: b"a" * (24 * MEGABYTE), "film.png"),
    "text of 16 bits": (lambda: "No picture, whatever its name says.\n".encode("utf-16") * 20, "film.bmp"),
    "text with a byte order mark": (lambda: b"\xef\xbb\xbf" + jpeg(), "film.jpeg"),
    "signs that turn the line": (lambda: "\u202egpj.film\u2066".encode() * 99, "film\u202egpj.exe"),
    "picture as text": (lambda: b"data:image/png;base64,iVBORw0KGgo" + b"A" * 900, "film.png"),
    "picture as hexadecimal text": (lambda: encode(GRAY, "PNG").hex().encode(), "film.png"),
    "mail": (lambda: b"From: a@b\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg(), "film.jpeg"),
    "answer of a web server": (lambda: b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg(), "film.jpeg"),
    "table": (lambda: b"file,score\n=cmd|'/C calc'!A0,0.9\n" * 40, "film.jpeg"),
    "JSON": (lambda: json.dumps({"score": 0.99, "positive": True}).encode(), "film.jpeg"),
    "JSON that nests 100,000 times": (lambda: b"[" * 100_000, "film.jpeg"),
    "YAML that runs": (lambda: b"!!python/object/apply:os.system ['true']\n", "film.jpeg"),
    "pickle that runs": (lambda: b"cos\nsystem\n(S'true'\ntR.", "film.jpeg"),
    "pickle of protocol 5": (lambda: b"\x80\5\x95" + bytes(900), "film.jpeg"),
    "HTML": (lambda: b"<!doctype html><title>film</title>" * 9, "film.jpeg"),
    "HTML with a script": (lambda: b"<!doctype html><body>" + SCRIPT + b"</body>", "film.jpeg"),
    "HTML that loads a script": (lambda: b'<html><script src="//example.org/x.js"></script></html>', "film.html"),
    "HTML behind 200 bytes of NULs": (lambda: bytes(200) + SCRIPT, "film.png"),
    "XHTML": (lambda: b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT, "film.png"),
    "SVG": (lambda: SVG + b'><rect width="90" height="90"/></svg>', "film.svg"),
    "SVG with a script": (lambda: SVG + b">" + SCRIPT + b"</svg>", "film.svg"),
    "SVG with a script, named JPEG": (lambda: SVG + b' onload="alert(1)"/>', "film.jpeg"),
    "SVG that embeds a page": (lambda: SVG + b"><foreignObject><iframe/></foreignObject></svg>", "film.png"),
    "SVG that reads a file": (lambda: OUTSIDE + SVG + b"><text>&x;</text></svg>", "film.svg"),
    "SVG, gzipped": (lambda: gzip.compress(SVG + b">" + SCRIPT + b"</svg>", mtime=0), "film.svgz"),
    "XML that grows a billion times": (entities, "film.png"),
    "XML that reads a file": (lambda: OUTSIDE + b"<s>&x;</s>", "film.jpeg"),
    "style sheet": (lambda: b"body{background:url(javascript:alert(1))}", "film.jpeg"),
    "script": (lambda: b"alert(document.cookie)//" + jpeg(), "film.jpeg"),
    "shell script": (lambda: b"#!/bin/sh\nrm -rf ~\n", "film.jpeg"),
    "Python": (lambda: b"import os\nos.system('true')\n", "film.jpeg"),
    "PHP": (lambda: b"<?php system($_GET['c']); ?>", "film.php.jpeg"),
    "batch file": (lambda: b"@echo off\r\ndel *.*\r\n", "film.jpeg.bat"),
    "shortcut of Windows": (lambda: b"L\0\0\0\1\x14\2\0" + bytes(900), "film.jpeg.lnk"),
    "shortcut of a desktop": (lambda: b"[Desktop Entry]\nExec=true\n", "film.desktop"),
    "program of Windows": (lambda: b"MZ" + bytes(900), "film.jpeg.exe"),
    "program of Linux": (lambda: b"\x7fELF\2\1\1" + bytes(900), "film.jpeg"),
    "program of macOS": (lambda: b"\xcf\xfa\xed\xfe" + bytes(900), "film.jpeg"),
    "class of Java": (lambda: b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(900), "film.jpeg"),
    "WebAssembly": (lambda: b"\0asm\1\0\0\0" + bytes(900), "film.jpeg"),
    "PDF": (lambda: b"%PDF-1.7\n" + jpeg() + b"\n%%EOF\n", "film.pdf"),
    "PDF with a script": (
        lambda: b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n%%EOF",
        "a.pdf",
    ),
    "PDF, encrypted": (lambda: b"%PDF-1.7\ntrailer<</Encrypt 5 0 R>>\n%%EOF\n" + bytes(900), "film.jpeg"),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n(x) (w) file\n", "film.jpeg"),
    "PostScript with a preview": (lambda: b"\xc5\xd0\xd3\xc6" + bytes(900), "film.tif"),
    "rich text": (lambda: b"{\\rtf1{\\object\\objdata 00}}", "film.jpeg"),
    "old Word document": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900), "film.jpeg"),
    "TrueType font": (lambda: b"\0\1\0\0\0\x0c\0\x80\0\3\0\x40" + bytes(900), "film.jpeg"),
    "OpenType font": (lambda: b"OTTO\0\x0c" + bytes(900), "film.jpeg"),
    "collection of fonts": (lambda: b"ttcf\0\1\0\0" + b"\xff" * 900, "film.ttc"),
    "web font": (lambda: b"wOFF\0\1\0\0" + b"\xff" * 900, "film.png"),
    "web font of version 2": (lambda: b"wOF2\0\1\0\0" + b"\xff" * 900, "film.png"),
    "Type 1 font": (lambda: b"%!PS-AdobeFont-1.0: x\neexec\n" + bytes(90), "film.pfb"),
    "gzip": (lambda: gzip.compress(jpeg(), mtime=0), "film.jpeg.gz"),
    "gzip bomb": (lambda: gzip.compress(bytes(50 * MEGABYTE), mtime=0), "film.jpeg"),
    "zlib stream": (lambda: zlib.compress(jpeg()), "film.jpeg"),
    "bzip2 bomb": (lambda: b"BZh91AY&SY" + bytes(900), "film.jpeg"),
    "xz": (lambda: lzma.compress(jpeg()), "film.jpeg"),
    "Zstandard": (lambda: b"\x28\xb5\x2f\xfd" + bytes(900), "film.jpeg"),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(900), "film.7z"),
    "RAR": (lambda: b"Rar!\x1a\7\1\0" + bytes(900), "film.rar"),
    "tar": (tar, "film.tar"),
    "tar with a link out of it": (lambda: tar(link=True), "film.jpeg"),
    "cpio": (lambda: b"070701" + b"0" * 900, "film.jpeg"),
    "disk image": (lambda: bytes(32769) + b"CD001" + bytes(900), "film.iso"),
    "zip, named JPEG": (lambda: b"PK\3\4" + bytes(900), "film.jpeg"),
    "GIF": (lambda: encode(GRAY, "GIF"), "film.gif"),
    "GIF, named JPEG": (lambda: encode(GRAY, "GIF"), "film.jpeg"),
    "GIF, animated": (
        lambda: encode(GRAY, "GIF", save_all=True, append_images=[Image.fromarray(GRAY[::-1])] * 3),
        "film.gif",
    ),
    "GIF of a gigantic size": (lambda: gif(65535, 65535), "film.gif"),
    "GIF of 300,000 frames": (lambda: gif(9, 9, 300_000), "film.gif"),
    "GIF that is a script": (lambda: b"GIF89a/*" + bytes(90) + b"*/=1;alert(1)", "film.gif"),
    "icon": (lambda: encode(GRAY, "ICO"), "film.ico"),
    "icon of macOS": (lambda: b"icns" + bytes(900), "film.icns"),
    "cursor": (lambda: b"\0\0\2\0\1\0" + bytes(900), "film.cur"),
    "Photoshop": (lambda: b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3), "film.psd"),
    "AVIF": (lambda: b"\0\0\0\x1cftypavif" + bytes(900), "film.avif"),
    "HEIC": (lambda: b"\0\0\0\x1cftypheic" + bytes(900), "film.jpeg"),
    "JPEG 2000": (lambda: encode(GRAY, "JPEG2000"), "film.jp2"),
    "JPEG 2000 of a gigantic size": (
        lambda: b"\xff\x4f\xff\x51\0\x29\0\0" + struct.pack(">8I", *[2**31] * 8) + b"\0\1\7\1\1" + bytes(90),
        "film.j2k",
    ),
    "JPEG XL": (lambda: b"\xff\x0a" + bytes(900), "film.jpeg"),
    "JPEG XR": (lambda: b"II\xbc\1" + bytes(900), "film.tif"),
    "TGA": (lambda: encode(GRAY, "TGA"), "film.tga"),
    "PCX": (lambda: encode(GRAY, "PCX"), "film.pcx"),
    "PPM": (lambda: encode(GRAY, "PPM"), "film.ppm"),
    "PPM of a gigantic size": (lambda: b"P6 999999999 999999999 255\n", "film.ppm"),
    "bits as text": (lambda: b"#define a_width 90\n#define a_height 90\nstatic char a_bits[] = {0x00};", "film.xbm"),
    "DDS": (lambda: b"DDS |\0\0\0" + bytes(900), "film.dds"),
    "OpenEXR": (lambda: b"\x76\x2f\x31\1" + bytes(900), "film.exr"),
    "Radiance": (lambda: b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 9 +X 9\n", "film.hdr"),
    "FITS": (lambda: b"SIMPLE  =                    T" + b" " * 3000, "film.fits"),
    "SGI": (lambda: encode(GRAY, "SGI"), "film.sgi"),
    "Windows metafile": (lambda: b"\xd7\xcd\xc6\x9a" + bytes(900), "film.wmf"),
    "enhanced metafile": (lambda: b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(900), "film.emf"),
    "DjVu": (lambda: b"AT&TFORM\0\0\0\0DJVU" + bytes(900), "film.djvu"),
    "NIfTI": (lambda: b"\x5c\1\0\0" + bytes(340) + b"n+1\0" + bytes(900), "film.nii"),
    "NRRD": (lambda: b"NRRD0004\ntype: uchar\nsizes: 9 9\n\n" + bytes(81), "film.nrrd"),
    "MetaImage": (lambda: b"ObjectType = Image\nElementDataFile = /etc/passwd\n", "film.mhd"),
    "NumPy array": (array, "film.npy"),
    "NumPy array that runs": (lambda: b"\x93NUMPY\1\0v\0{'descr': '|O', 'shape': (1,)}" + bytes(90), "film.jpeg"),
    "HDF5, as Keras writes it": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(900), "film.h5"),
    "SQLite": (lambda: b"SQLite format 3\0" + bytes(900), "film.jpeg"),
    "Parquet": (lambda: b"PAR1" + bytes(900) + b"PAR1", "film.jpeg"),
    "video": (lambda: b"\0\0\0\x18ftypmp42" + bytes(900), "film.mp4"),
    "Matroska": (lambda: b"\x1a\x45\xdf\xa3" + bytes(900), "film.jpeg"),
    "MP3": (lambda: b"ID3\4\0\0\0\0\0\0" + b"\xff\xfb\x90\0" * 90, "film.jpeg"),
    "sound": (sound, "film.webp"),
    "Ogg": (lambda: b"OggS\0\2" + bytes(900), "film.jpeg"),
    "private key": (lambda: b"-----BEGIN PRIVATE KEY-----\n" + b"A" * 900, "film.jpeg"),
    "core dump": (lambda: b"\x7fELF\2\1\1" + bytes(9) + b"\4\0" + bytes(900), "film.dcm"),
}


def kinds() -> dict[str, Kind]:
    found = {
        f"other: {name}": Kind(make=make, file=file, reason=f"{NOT_A_PICTURE}|damaged")
        for name, (make, file) in FILES.items()
    }
    found["other: empty"] = Kind(make=lambda: b"", file="film.jpeg", reason="empty; export")
    found["other: 26 MB"] = Kind(make=lambda: bytes(26 * MEGABYTE), file="film.jpeg", reason="larger than 25 MB")
    return found
