"""What a release consists of, made of a clone: packages, the editors' archives, programs, and their checksums."""
