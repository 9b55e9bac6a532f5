"""A procedure for each task: what it is called, its arguments, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sinddm_plugin.client import ClientError, JobCancelled, commands
from sinddm_plugin.client.runner import in_words
from sinddm_ui.host import Document, HostError, Insertion, NewLayer
from sinddm_ui.tasks import TASKS, Scene, Task, Wish, learn

from . import arguments, dialog, layers, opening
from .api import Gimp, GLib, GObject
from .dialog import Form
from .host import GimpHost
from .work import carry_out, connect

MENUS = ("<Layers>/Layers Menu/SinDDM", "<Image>/Filters/SinDDM")
NAMES = {"generate": "variations"}
SELECTING = ("fill", "place")  # the tasks that are nothing without a selection
PANEL = "sinddm-panel"
LEARN, LEARN_TITLE = "sinddm-learn", "Learn texture"
LEARN_ABOUT = "Learn what the layer looks like, or all that are selected, and keep it in the library as a texture."
LEARNED = "The texture {} is learned: choose it under Learn from, in this image or any other."
TITLE = "SinDDM: {}"


@dataclass(frozen=True)
class Asked:
    """What a procedure was called with. Raises HostError where a layer is missing."""

    procedure: Any
    interactive: bool
    image: Any
    drawables: Sequence[Any]
    config: Any

    @property
    def host(self) -> GimpHost:
        """GIMP, with the image as the one that is worked on."""
        return GimpHost(self.image.get_id)

    @property
    def document(self) -> Document:
        """The image, of which the given layers count as the selected ones."""
        found = layers.snapshot(self.image)
        if not self.drawables:
            return found
        chosen = [_layer_of(one) for one in self.drawables]
        ids = tuple(str(one.get_id()) for one in chosen)
        return replace(found, active=ids[0], selected=ids)

    def ask(self, form: Form) -> bool:
        """Show the dialog, where there is somebody to see it; whether to go on."""
        return not self.interactive or dialog.ask(self.procedure, self.config, form)

    def done(self) -> Any:
        """The procedure's values without layers."""
        return self.procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())

    def cancelled(self) -> Any:
        """It was not to be."""
        return self.procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())

    def failed(self, why: str) -> Any:
        """It could not be done; GIMP shows why."""
        error = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), why, 0)
        return self.procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, error)


def names() -> list[str]:
    """Of all procedures."""
    return [PANEL, LEARN, *(_name(task) for task in TASKS)]


def create(plugin: Any, name: str) -> Any:
    """A procedure by its name."""
    if name == PANEL:
        return _create_panel(plugin)
    if name == LEARN:
        return _create_learn(plugin)
    return _create_task(plugin, next(task for task in TASKS if _name(task) == name))


def _name(task: Task) -> str:
    return f"sinddm-{NAMES.get(task.key, task.key)}"


def _create_panel(plugin: Any) -> Any:
    procedure = _new(plugin, PANEL, _open_panel)
    mask = Gimp.ProcedureSensitivityMask
    procedure.set_sensitivity_mask(mask.DRAWABLE | mask.DRAWABLES | mask.NO_DRAWABLES | mask.NO_IMAGE)
    _describe(procedure, opening.TITLE, opening.MENUS, opening.ABOUT, opening.ABOUT)
    return procedure


def _create_task(plugin: Any, task: Task) -> Any:
    procedure = _new(plugin, _name(task), lambda asked: _make(asked, task))
    several = Gimp.ProcedureSensitivityMask.DRAWABLES if task.key in arguments.TOGETHER else 0
    procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE | several)
    _describe(procedure, f"{task.title}...", MENUS, f"{task.tip}.", f"{task.takes} The results are new layers.")
    keys = arguments.Keys()
    arguments.add_source(procedure, keys, task.key, task.source)
    arguments.add_settings(procedure, keys, task)
    procedure.add_core_object_array_return_value(
        "layers", "Layers", "The new layers, from the top", Gimp.Layer.__gtype__, arguments.WRITABLE
    )
    return procedure


def _create_learn(plugin: Any) -> Any:
    procedure = _new(plugin, LEARN, _learn)
    procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE | Gimp.ProcedureSensitivityMask.DRAWABLES)
    _describe(procedure, f"{LEARN_TITLE}...", MENUS, LEARN_ABOUT, LEARN_ABOUT)
    seconds, keys = learn.SECONDS, arguments.Keys()
    about = "What the texture is called in the library. Empty: as the layer"
    procedure.add_string_argument("name", keys.mark("Name"), about, "", arguments.WRITABLE)
    label = keys.mark(f"Learn for ({seconds.unit})")
    procedure.add_int_argument(
        "seconds", label, seconds.tip, seconds.least, seconds.most, seconds.usual, arguments.WRITABLE
    )
    arguments.add_source(procedure, keys, "learn", "")
    procedure.add_string_return_value(
        "texture", "Texture", "What the texture is called in the library", "", arguments.WRITABLE
    )
    return procedure


def _new(plugin: Any, name: str, do: Callable[[Asked], Any]) -> Any:
    def run(procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, _: Any) -> Any:
        plugin.set_pdb_error_handler(Gimp.PDBErrorHandler.PLUGIN)  # it is told here, in words
        asked = Asked(procedure, mode == Gimp.RunMode.INTERACTIVE, image, drawables, config)
        try:
            return do(asked) if _is_set_up(asked) else asked.cancelled()
        except JobCancelled:
            return asked.cancelled()
        except (HostError, ClientError) as error:
            return asked.failed(str(error))
        except Exception as error:  # GIMP would tell of none of these
            return asked.failed(str(in_words(error)))

    procedure = Gimp.ImageProcedure.new(plugin, name, Gimp.PDBProcType.PLUGIN, run, None)
    procedure.set_image_types("*")
    return procedure


def _is_set_up(asked: Asked) -> bool:
    """Whether SinDDM is on this computer; where it is not, and there is somebody to ask, it is offered."""
    if not asked.interactive or commands.found() is not None:
        return True  # a script gets an error, which says what to do
    from . import setting_up  # needs a display

    return setting_up.offer()


def _describe(procedure: Any, label: str, menus: Sequence[str], blurb: str, help: str) -> None:
    procedure.set_menu_label(label)
    for path in menus:
        procedure.add_menu_path(path)
    procedure.set_documentation(blurb, help, procedure.get_name())
    procedure.set_attribution("The SinDDM authors", "GPL-3.0-or-later", "2026")


def _make(asked: Asked, task: Task) -> Any:
    """Make something of the layers, and put it into the image."""
    document = asked.document
    if task.key in SELECTING:  # before anything is chosen in vain
        assert Scene(document).selection
    source = _source_names(task.key, task.source)
    form = Form(
        title=TITLE.format(task.title),
        about=task.takes,
        names=[*source, *(name for one in task.settings for name in arguments.names_of(one))],
        folded=[name for one in task.settings if one.folded for name in arguments.names_of(one)],
        own="This layer" if task.source == "any" else "The layer that is chosen below",
        counts_if=arguments.counting(task),
    )
    if not asked.ask(form):
        return asked.cancelled()
    chosen = arguments.source_of(asked.config, task.key, source, len(document.selected))
    only = arguments.PART not in source or asked.config.get_property(arguments.PART)
    wish = task.ask(asked.host, Scene(document, chosen, only), arguments.values_of(asked.config, task))
    _, found = carry_out(connect(task.title), wish.request, task.title)
    made = asked.host.add(_insertion(wish, found))
    return _with_layers(asked, made)


def _open_panel(asked: Asked) -> Any:
    """Open the panel, for the image in whose menu it was chosen."""
    opening.open_panel(None if asked.image is None else asked.image.get_id())
    return asked.done()


def _learn(asked: Asked) -> Any:
    """Learn the layers."""
    document, names = asked.document, _source_names("learn", "")
    if not asked.ask(Form(TITLE.format(LEARN_TITLE), LEARN_ABOUT, ["name", "seconds", *names])):
        return asked.cancelled()
    scene = Scene(
        document,
        arguments.source_of(asked.config, "learn", names, len(document.selected)),
        asked.config.get_property(arguments.PART),
    )
    chosen, seconds = asked.config.get_property("name"), asked.config.get_property("seconds")
    wish = learn.ask(asked.host, scene, chosen or scene.name, seconds)
    client = connect(LEARN_TITLE)
    name = chosen or learn.free_name(scene.name, (one.name for one in client.textures()))
    job, _ = carry_out(client, replace(wish.request, name=name, title=name, attached=True), LEARN_TITLE)
    name = job.texture or name
    if asked.interactive:  # nothing else is seen of it
        Gimp.message(LEARNED.format(name))
    values = asked.done()
    values.remove(1)
    values.insert(1, GObject.Value(GObject.TYPE_STRING, name))
    return values


def _source_names(task: str, kind: str) -> list[str]:
    """Of the arguments for what is learned from."""
    chosen = [arguments.TEXTURE, arguments.LAYER] if kind in ("any", "other") else []
    return [*chosen, *([arguments.PART] if task in arguments.SELECTABLE else [])]


def _layer_of(drawable: Any) -> Any:
    """While a layer's mask is edited GIMP gives the mask."""
    layer = Gimp.Layer.from_mask(drawable) if drawable.is_layer_mask() else drawable
    if layer is None or not layer.is_layer():
        raise HostError("This is no layer: choose one in the list of layers.")
    return layer


def _insertion(wish: Wish, found: Sequence[Any]) -> Insertion:
    """The results as layers, the first one on top, which alone is visible."""
    new = [NewLayer(wish.layer_name(one.seed), one.picture, wish.x + one.x, wish.y + one.y) for one in reversed(found)]
    return Insertion(wish.document, new, wish.above, show=[False] * (len(new) - 1) + [True])


def _with_layers(asked: Asked, made: Sequence[Any]) -> Any:
    """The procedure's values. Python cannot put layers into them, so a procedure of GIMP's own does."""
    before = asked.image.get_selected_layers()
    asked.image.set_selected_layers(made)
    lists = Gimp.get_pdb().lookup_procedure("gimp-image-get-selected-layers")
    config = lists.create_config()
    config.set_property("image", asked.image)
    values = lists.run(config)
    if before:
        asked.image.set_selected_layers(before)
    return values
