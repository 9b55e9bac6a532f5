"""torch as the engine uses it. PyInstaller's own hook brings its tests, headers and source text as well, and every
module there is; here come those that are imported, and what torch looks for on the disk."""

from pathlib import Path

from PyInstaller.utils.hooks import collect_submodules, get_package_paths

SITE, FOLDER = map(Path, get_package_paths("torch"))
OPENED = "lib/*torch_global_deps*", "bin/torch_shm_manager*"  # by their names, which no analysis sees
CONFIGURATION = b"install_config_module(sys"  # such a module reads its own source text
OVERLOADED = "torch.functional", "torch.nn.functional", "torch.nn.modules.rnn"  # warn where they find no source text

hiddenimports = collect_submodules("torch._dynamo.polyfills")  # found by name at the first step of learning
binaries = [(str(path), f"torch/{path.parent.name}") for one in OPENED for path in FOLDER.glob(one)]
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]  # torch finds its libraries by where the first of them is
_configurations = [path for path in FOLDER.rglob("*.py") if CONFIGURATION in path.read_bytes()]
module_collection_mode = {
    **{".".join(path.relative_to(SITE).with_suffix("").parts): "pyz+py" for path in _configurations},
    **dict.fromkeys(OVERLOADED, "pyz+py"),
}
