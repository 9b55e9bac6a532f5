"""imagecodecs finds its codecs by name, when one is first used: those of PNG and of the TIFFs that artists have."""

CODECS = (
    "png",
    "imcd",
    "ccitt",
    "deflate",
    "jpeg8",
    "jpegsof3",
    "ljpeg",
    "jpeg2k",
    "lerc",
    "lzma",
    "webp",
    "zlib",
    "zstd",
)

hiddenimports = [f"imagecodecs._{name}" for name in ("shared", "shared_cython", *CODECS)]
