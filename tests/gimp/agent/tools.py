"""What the test has the agent do inside GIMP. Images and layers are known by their ids; all values are plain ones."""

# pyright: reportMissingImports=false, reportOptionalMemberAccess=false

from __future__ import annotations

from gi.repository import Babl, Gegl, Gimp, Gio, GObject

STANDARD = "R'G'B'A u8"
PRECISIONS = {value.value_nick: value for value in Gimp.Precision.__enum_values__.values()}
BASES = {"rgb": Gimp.ImageBaseType.RGB, "gray": Gimp.ImageBaseType.GRAY}
TYPES = {
    (Gimp.ImageBaseType.RGB, True): Gimp.ImageType.RGBA_IMAGE,
    (Gimp.ImageBaseType.RGB, False): Gimp.ImageType.RGB_IMAGE,
    (Gimp.ImageBaseType.GRAY, True): Gimp.ImageType.GRAYA_IMAGE,
    (Gimp.ImageBaseType.GRAY, False): Gimp.ImageType.GRAY_IMAGE,
    (Gimp.ImageBaseType.INDEXED, True): Gimp.ImageType.INDEXEDA_IMAGE,
    (Gimp.ImageBaseType.INDEXED, False): Gimp.ImageType.INDEXED_IMAGE,
}

_displays = {}  # the windows that were opened, by their images: GIMP does not tell


# Images and layers


def new_image(width, height, precision="u8-non-linear", base="rgb"):
    """An image without layers."""
    return Gimp.Image.new_with_precision(width, height, BASES[base], PRECISIONS[precision]).get_id()


def add_layer(image, name, width, height, data=None, format=STANDARD, x=0, y=0, parent=None, alpha=True):
    """A layer on top of its siblings, with these pixels."""
    of = _image(image)
    layer = Gimp.Layer.new(of, name, width, height, TYPES[of.get_base_type(), alpha], 100, Gimp.LayerMode.NORMAL)
    of.undo_group_start()
    of.insert_layer(layer, _item(parent), 0)
    layer.set_offsets(x, y)
    of.undo_group_end()
    if data is not None:
        _write(layer, format, data)
    return layer.get_id()


def add_group(image, name, parent=None):
    """A group on top of its siblings."""
    group = Gimp.GroupLayer.new(_image(image), name)
    _image(image).insert_layer(group, _item(parent), 0)
    return group.get_id()


def add_mask(layer, data):
    """A layer mask with these weights, one byte a pixel."""
    mask = _item(layer).create_mask(Gimp.AddMaskType.WHITE)
    _item(layer).add_mask(mask)
    _write(mask, "Y u8", data)
    return mask.get_id()


def write(layer, data, format=STANDARD):
    """Give a layer other pixels."""
    _write(_item(layer), format, data)


def set_visible(layer, visible):
    """Show or hide a layer."""
    _item(layer).set_visible(visible)


def convert_to_indexed(image, colors):
    """Reduce an image to a palette of its own."""
    none = Gimp.ConvertDitherType.NONE
    _image(image).convert_indexed(none, Gimp.ConvertPaletteType.GENERATE, colors, False, False, "")


def set_adobe_profile(image):
    """Have the image's pixels be colours of Adobe RGB, without touching them."""
    _image(image).set_color_profile(Gimp.ColorProfile.new_rgb_adobe())


def palette(image):
    """The colours of an indexed image, three bytes each."""
    buffer = _image(image).get_palette().get_colors()
    return [bytes(color.get_bytes(Babl.format("R'G'B' u8")).get_data()) for color in buffer]


def select(image, x, y, width, height, feather=0):
    """Select a rectangle."""
    _image(image).select_rectangle(Gimp.ChannelOps.REPLACE, x, y, width, height)
    if feather:
        Gimp.Selection.feather(_image(image), feather)


def select_nothing(image):
    """Have nothing selected."""
    Gimp.Selection.none(_image(image))


def mark(image, layers):
    """Make these the selected layers."""
    _image(image).set_selected_layers([_item(layer) for layer in layers])


def show(image):
    """Open it in a window."""
    _displays[image] = Gimp.Display.new(_image(image))
    Gimp.displays_flush()


def delete(image):
    """Close an image, with its window."""
    of = _image(image)
    if display := _displays.pop(image, None):
        display.delete()
    if of.is_valid():
        of.delete()


def delete_all():
    """Close every image."""
    for image in Gimp.get_images():
        delete(image.get_id())


def clean(image):
    """Have GIMP believe that it is saved."""
    _image(image).clean_all()


# What is there


def images():
    """The ids of all images."""
    return [image.get_id() for image in Gimp.get_images()]


def layers(image):
    """All layers, from the top, those in groups after their group."""
    return [_told(layer) for layer in _all(_image(image).get_layers())]


def selected_layers(image):
    """The ids of the selected layers."""
    return [layer.get_id() for layer in _image(image).get_selected_layers()]


def about(image):
    """Its size and what kind of pixels it has."""
    of = _image(image)
    return {
        "width": of.get_width(),
        "height": of.get_height(),
        "precision": of.get_precision().value_nick,
        "base": of.get_base_type().value_nick,
        "dirty": of.is_dirty(),
    }


def pixels(layer, format=STANDARD, box=None, own=False):
    """A layer's pixels, in a box of the layer or all. own: as its own colour space has them, rather than sRGB."""
    item = _item(layer)
    format = Babl.get_name(Babl.format_with_space(format, item.get_format())) if own else format
    return _read(item, format, box or (0, 0, item.get_width(), item.get_height()))


def selection(image, box):
    """The weights of the selection, one byte a pixel."""
    return _read(_image(image).get_selection(), "Y u8", box)


def selection_bounds(image):
    """Around what is selected, however little."""
    _, _, left, top, right, bottom = Gimp.Selection.bounds(_image(image))
    return left, top, right - left, bottom - top


def picture(image, format=STANDARD):
    """The image as it is seen."""
    copy = _image(image).duplicate()
    seen = Gimp.Layer.new_from_visible(copy, copy, "seen")
    data = _read(seen, format, (0, 0, copy.get_width(), copy.get_height()))
    copy.delete()
    return data


def encoding(layer):
    """Of a layer's own pixels, as babl calls it."""
    return Babl.format_get_encoding(_item(layer).get_format())


# Procedures


def procedures(prefix):
    """What is registered under names that begin so."""
    pdb = Gimp.get_pdb()
    return {name: _declared(pdb.lookup_procedure(name)) for name in _names(pdb, prefix)}


def call(procedure_name, image=None, drawables=None, again=False, **arguments):
    """Call a procedure as a script does; returns its status, its error, and what it returns, layers by their ids.
    again: with what was chosen last in its dialog."""
    pdb = Gimp.get_pdb()
    procedure = pdb.lookup_procedure(procedure_name)
    config = procedure.create_config()
    if image is not None:
        config.set_property("image", _image(image))
    if drawables is not None:
        config.set_core_object_array("drawables", [_item(one) for one in drawables])
    for key, value in arguments.items():
        config.set_property(key.replace("_", "-"), _argument(procedure, key.replace("_", "-"), value))
    if again:
        config.set_property("run-mode", Gimp.RunMode.WITH_LAST_VALS)
    values = procedure.run(config)
    status = values.index(0).value_nick
    failed = status != "success"
    returned = {} if failed else _returned(procedure, values)
    return {"layers": [], **returned, "status": status, "error": (pdb.get_last_error() or "") if failed else ""}


def _names(pdb, prefix):
    return pdb.query_procedures(f"^{prefix}", ".*", ".*", ".*", ".*", ".*", ".*", ".*")


def _declared(procedure):
    return {
        "label": procedure.get_menu_label(),
        "menus": list(procedure.get_menu_paths()),
        "images": procedure.get_image_types(),
        "blurb": procedure.get_blurb(),
        "help": procedure.get_help(),
        "authors": procedure.get_authors(),
        "arguments": {spec.name: _specified(spec) for spec in procedure.get_arguments()},
        "returns": [spec.name for spec in procedure.get_return_values()],
    }


def _specified(spec):
    default = getattr(spec, "default_value", None)
    found = {
        "type": spec.value_type.name,
        "nick": spec.nick,
        "blurb": spec.blurb,
        "default": default if isinstance(default, (str, int, float, bool)) else None,
        "range": [spec.minimum, spec.maximum] if hasattr(spec, "minimum") else None,
        "choices": None,
    }
    if spec.__gtype__.name == "GimpParamChoice":
        found["choices"] = list(Gimp.param_spec_choice_get_choice(spec).list_nicks())
    return found


def _argument(procedure, name, value):
    """Ids become what the procedure wants."""
    spec = next((one for one in procedure.get_arguments() if one.name == name), None)
    if spec is None:
        raise ValueError(f"{procedure.get_name()} has no argument {name}")
    kind = spec.value_type
    if value is None or (isinstance(value, str) and not kind.is_a(GObject.type_from_name("GFile"))):
        return value
    if kind.is_a(Gimp.Item.__gtype__):
        return _item(value)
    if kind.is_a(Gimp.Image.__gtype__):
        return _image(value)
    if kind.is_a(GObject.type_from_name("GFile")):
        return Gio.File.new_for_path(value)
    return value


def _returned(procedure, values):
    """What a procedure returns, by name."""
    found = {}
    for number, spec in enumerate(procedure.get_return_values(), 1):
        if spec.value_type.name == "GimpCoreObjectArray":
            found[spec.name] = [one.get_id() for one in values.get_core_object_array(number)]
        elif spec.value_type.name == "gchararray":
            found[spec.name] = values.index(number)
    return found


# Helpers


def _image(number):
    found = Gimp.Image.get_by_id(number)
    if found is None:
        raise LookupError(f"there is no image {number}")
    return found


def _item(number):
    if number is None:
        return None
    found = Gimp.Item.get_by_id(number)
    if found is None:
        raise LookupError(f"there is no layer {number}")
    return found


def _all(found):
    return [one for layer in found for one in (layer, *(_all(layer.get_children()) if layer.is_group() else ()))]


def _told(layer):
    _, x, y = layer.get_offsets()
    parent = layer.get_parent()
    return {
        "id": layer.get_id(),
        "name": layer.get_name(),
        "box": (x, y, layer.get_width(), layer.get_height()),
        "visible": layer.get_visible(),
        "opacity": layer.get_opacity(),
        "mask": layer.get_mask() is not None,
        "group": layer.is_group(),
        "parent": parent.get_id() if parent else None,
    }


def _read(drawable, format, box):
    return drawable.get_buffer().get(Gegl.Rectangle.new(*box), 1.0, format, Gegl.AbyssPolicy.NONE)


def _write(drawable, format, data):
    width, height = drawable.get_width(), drawable.get_height()
    buffer = drawable.get_buffer()
    assert len(data) == width * height * Babl.format_get_bytes_per_pixel(Babl.format(format)), "the size is another"
    buffer.set(Gegl.Rectangle.new(0, 0, width, height), format, data)
    buffer.flush()
    drawable.update(0, 0, width, height)
