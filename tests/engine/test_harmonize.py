"""A harmonized object takes on its surroundings' colours and surface and keeps its shape."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage import data
from torch import Tensor

from sinddm import Cancelled, InputError
from sinddm.harmonize import Belonging, belonging, harmonize
from sinddm.harmonize.color import to_oklab, to_rgb
from sinddm.harmonize.photo import edge_width, match_surface, noise_covariance, painted
from sinddm.harmonize.rim import REACH, thin_parts


def tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array).astype(np.float32)).permute(2, 0, 1) / 127.5 - 1


def reduced(array: np.ndarray, width: int) -> np.ndarray:
    image = Image.fromarray(array)
    size = (width, round(image.height * width / image.width))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


def painting(h: int = 130, w: int = 180, seed: int = 0) -> np.ndarray:
    """A sunset over a field in short strokes, uint8 (h, w, 3)."""
    rng = np.random.default_rng(seed)
    top, middle, low, field = np.array([[70, 90, 160], [240, 170, 120], [120, 140, 70], [60, 80, 40]])
    image = Image.new("RGB", (3 * w, 3 * h))
    draw = ImageDraw.Draw(image)
    for x, y in rng.random((9000, 2)) * (3 * w, 3 * h):
        up = y / (3 * h)
        base = top + (middle - top) * up / 0.6 if up < 0.6 else low + (field - low) * (up - 0.6) / 0.4
        colour = np.clip(base + rng.normal(0, 14) + rng.normal(0, 14, 3), 0, 255).astype(int)
        angle = rng.normal(0, 0.4) + (0.3 if up < 0.6 else 1.2)
        dx, dy = 11 * np.cos(angle), 11 * np.sin(angle)
        draw.line([x - dx, y - dy, x + dx, y + dy], fill=tuple(colour.tolist()), width=int(rng.integers(5, 10)))
    return np.asarray(image.resize((w, h), Image.Resampling.LANCZOS))


def paste(picture: np.ndarray, thing: np.ndarray, shape: np.ndarray, top: int, left: int):
    """(composite, mask, picture) as tensors."""
    composite, mask = picture.copy(), np.zeros(picture.shape[:2], bool)
    h, w = shape.shape
    composite[top : top + h, left : left + w][shape] = thing[shape]
    mask[top : top + h, left : left + w] = shape
    return tensor(composite), torch.from_numpy(mask), tensor(picture)


def cup() -> tuple[np.ndarray, np.ndarray]:
    """The cup and saucer of the coffee photograph, and their outline."""
    photo = reduced(data.coffee()[10:390, 70:500], 62)
    y, x = np.mgrid[: photo.shape[0], : photo.shape[1]]
    saucer = ((x - 31) / 29) ** 2 + ((y - 31) / 22) ** 2 < 1
    return photo, saucer | (((x - 32.5) / 18) ** 2 + ((y - 14.5) / 13) ** 2 < 1)


def cat() -> tuple[np.ndarray, np.ndarray]:
    """The face of the cat photograph, and its outline."""
    photo = reduced(data.chelsea()[:295, 70:410], 68)
    y, x = np.mgrid[: photo.shape[0], : photo.shape[1]]
    return photo, ((x - 33) / 27) ** 2 + ((y - 28) / 26) ** 2 < 1


SCENES = {
    "cup in a painting": lambda: paste(painting(), *cup(), 60, 70),
    "cat in a painting": lambda: paste(painting(seed=1), *cat(), 40, 20),
    "cat in a photograph": lambda: paste(reduced(data.coffee(), 200), *cat(), 60, 10),
    "cup in a photograph": lambda: paste(reduced(data.chelsea(), 200), *cup(), 70, 120),
}


class Case:
    """A composite, its result at the default settings, and how well the object belongs before and after."""

    def __init__(self, name: str):
        self.name = name
        self.composite, self.mask, self.picture = SCENES[name]()
        self.fractions: list[float] = []
        self.result = harmonize(self.composite, self.mask, self.picture, on_progress=self.fractions.append)
        self.before: Belonging = belonging(self.composite, self.composite, self.mask)
        self.after: Belonging = belonging(self.result, self.composite, self.mask)


@pytest.fixture(scope="module", params=list(SCENES))
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


@pytest.fixture(scope="module")
def small() -> tuple[Tensor, Tensor, Tensor]:
    """A small composite in a painting, for what needs no figures."""
    thing, shape = (part[::2, ::2] for part in cup())
    return paste(painting(60, 80), thing, shape, 20, 25)


def grown(mask: Tensor, pixels: int) -> Tensor:
    square = np.ones((2 * pixels + 1, 2 * pixels + 1), bool)
    return torch.from_numpy(np.asarray(ndimage.binary_dilation(mask.numpy(), square)))


def changed(result: Tensor, composite: Tensor) -> Tensor:
    return (result != composite).any(0)


def test_the_object_keeps_its_shape(case: Case):
    assert case.after.shape >= 0.75
    assert changed(case.result, case.composite)[case.mask].float().mean() > 0.95


def test_the_colours_come_closer_to_the_surroundings(case: Case):
    assert case.after.colour <= 0.65 * case.before.colour


def test_the_surface_comes_closer_to_a_painting_and_no_further_from_a_photograph(case: Case):
    limit = 0.6 if "painting" in case.name else 1.0
    assert case.after.detail <= limit * case.before.detail


def test_nothing_changes_outside_the_grown_mask(case: Case):
    outside = ~grown(case.mask, REACH)
    assert torch.equal(case.result[:, outside], case.composite[:, outside])


def test_nothing_changes_outside_even_where_the_backdrop_is_only_nearly_the_same(small: tuple[Tensor, Tensor, Tensor]):
    composite, mask, picture = small
    composite = composite + 0.01 * torch.randn(composite.shape, generator=torch.Generator().manual_seed(0))
    outside = ~grown(mask, REACH)
    assert torch.equal(harmonize(composite, mask, picture)[:, outside], composite[:, outside])


def test_no_halo_is_left_around_a_badly_cut_object():
    composite, mask, picture = SCENES["cup in a painting"]()
    fringe = grown(mask, 1) & ~torch.from_numpy(ndimage.binary_erosion(mask.numpy()))
    composite[:, fringe] = 1.0  # a white line along the outline, inside and out
    result = harmonize(composite, mask, picture)
    outer, inner = fringe & ~mask, fringe & mask
    assert result[:, fringe].mean() < 0.35
    assert (result - picture)[:, outer].abs().mean() < 0.5 * (composite - picture)[:, outer].abs().mean()
    deeper = torch.from_numpy(ndimage.binary_erosion(mask.numpy(), iterations=3)) ^ torch.from_numpy(
        ndimage.binary_erosion(mask.numpy(), iterations=1)
    )
    assert (result[:, inner].mean() - result[:, deeper].mean()).abs() < 0.15


def test_strokes_are_for_paintings_only():
    def score(picture: np.ndarray) -> float:
        return painted(tensor(picture) / 2 + 0.5, torch.ones(picture.shape[:2], dtype=torch.bool))

    noisy = data.chelsea() + np.random.default_rng(0).normal(0, 8, data.chelsea().shape)
    photographs = [data.chelsea(), data.coffee(), data.rocket(), data.astronaut(), np.clip(noisy, 0, 255)]
    photographs += [np.repeat(data.gravel()[..., None], 3, -1), np.repeat(data.camera()[..., None], 3, -1)]
    paintings = [painting(), painting(seed=5), painting(200, 300)]
    assert [score(p) for p in photographs] == [0.0] * len(photographs)
    assert [score(p) for p in paintings] == [1.0] * len(paintings)


def test_a_photographed_object_takes_on_noise_and_softness():
    rng = torch.Generator().manual_seed(0)
    photo = tensor(reduced(data.astronaut()[:256, 100:356], 128)) / 2 + 0.5
    soft = torch.from_numpy(ndimage.gaussian_filter(photo.numpy(), (0, 1.5, 1.5)))
    picture = soft + 0.03 * torch.randn(photo.shape, generator=rng)
    inside = torch.zeros(128, 128, dtype=torch.bool)
    inside[20:108, 20:108] = True
    result = match_surface(photo, inside, picture, torch.ones_like(inside), 1.0, rng)

    def deviation(x: Tensor) -> float:
        return float(noise_covariance(x, inside).trace() / 3) ** 0.5

    assert deviation(photo) < 0.01
    assert deviation(result) == pytest.approx(deviation(picture), rel=0.35)
    smooth = match_surface(photo, inside, soft, torch.ones_like(inside), 1.0, rng)
    sharp, blurred, wanted = (edge_width(x, inside) for x in (photo, smooth, soft))
    assert sharp is not None
    assert blurred is not None
    assert wanted is not None
    assert sharp < 0.8 < blurred < 1.3 * wanted
    assert torch.equal(result[:, ~inside], photo[:, ~inside])


def test_texture_can_be_turned_off_and_up(small: tuple[Tensor, Tensor, Tensor]):
    composite, mask, _ = small
    detail = [belonging(harmonize(*small, texture=t), composite, mask).detail for t in (0.0, 0.6)]
    assert detail[1] < 0.8 * detail[0]


def test_thin_parts_survive():
    picture = painting()
    composite, mask = tensor(picture), torch.zeros(picture.shape[:2], dtype=torch.bool)
    mask[20:110, 90] = True
    mask[50, 60:120] = True
    composite[:, mask] = torch.tensor([-0.9, -0.9, -0.7])[:, None]
    result = harmonize(composite, mask, tensor(picture))

    def contrast(x: Tensor) -> Tensor:
        return (tensor(picture) - x)[:, mask].mean()

    assert contrast(result) > 0.4 * contrast(composite)
    assert thin_parts(mask.numpy())[mask.numpy()].mean() > 0.9


def test_strength_zero_changes_nothing_and_more_changes_more(small: tuple[Tensor, Tensor, Tensor]):
    composite, mask, _ = small
    assert torch.equal(harmonize(*small, strength=0.0), composite)
    colour = [belonging(harmonize(*small, strength=s), composite, mask).colour for s in (0.3, 0.6, 1.0)]
    assert belonging(composite, composite, mask).colour > colour[0] > colour[1] > colour[2]


def test_same_seed_same_result_and_the_global_generator_is_left_alone(small: tuple[Tensor, Tensor, Tensor]):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first = harmonize(*small, seed=1)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(harmonize(*small, seed=1), first)
    assert not torch.equal(harmonize(*small, seed=2), first)


def test_input_is_left_as_it_was(small: tuple[Tensor, Tensor, Tensor]):
    copies = [x.clone() for x in small]
    harmonize(*small)
    assert all(torch.equal(a, b) for a, b in zip(small, copies, strict=True))


def test_progress_rises_to_one_in_many_steps(case: Case):
    assert case.fractions == sorted(case.fractions)
    assert case.fractions[0] == 0
    assert case.fractions[-1] == 1
    assert len(case.fractions) > (20 if "painting" in case.name else 5)


@pytest.mark.parametrize("moment", [0.0, 0.5, 0.95])
def test_work_stops_when_progress_raises(small: tuple[Tensor, Tensor, Tensor], moment: float):
    seen = []

    def cancel(fraction: float) -> None:
        seen.append(fraction)
        if fraction >= moment:
            raise Cancelled

    with pytest.raises(Cancelled):
        harmonize(*small, on_progress=cancel)
    assert all(fraction < moment for fraction in seen[:-1])


def test_the_layer_behind_replaces_the_fringe(small: tuple[Tensor, Tensor, Tensor]):
    composite, mask, picture = small
    another = picture[:, :40, :50]
    given = harmonize(composite, mask, another, behind=picture)
    assert torch.equal(given, harmonize(composite, mask, picture))
    assert not torch.equal(given, harmonize(composite, mask, another))


def test_a_texture_learned_from_the_composite_itself_is_not_taken_for_the_backdrop(
    small: tuple[Tensor, Tensor, Tensor],
):
    composite, mask, picture = small
    assert torch.equal(harmonize(composite, mask, composite), harmonize(composite, mask, picture[:, :40, :50]))


def test_a_feathered_selection_fades_the_effect(small: tuple[Tensor, Tensor, Tensor]):
    composite, mask, picture = small
    feather = torch.from_numpy(ndimage.gaussian_filter(mask.numpy().astype(np.float32), 5))
    feather = torch.where(feather > 0.02, feather, 0.0)
    result = harmonize(composite, feather, picture)
    change = (result - composite).abs().mean(0)
    assert torch.equal(result[:, feather == 0], composite[:, feather == 0])
    faint, full = (feather > 0) & (feather < 0.25), feather > 0.75
    assert 0 < change[faint].mean() < 0.5 * change[full].mean()


def test_gray_pictures_stay_gray(small: tuple[Tensor, Tensor, Tensor]):
    composite, mask, picture = small
    gray = composite.mean(0, keepdim=True)
    result = harmonize(gray, mask, picture.mean(0, keepdim=True))
    assert result.shape == gray.shape
    around = gray[:, grown(mask, 12) & ~grown(mask, 3)].mean()
    assert (result[:, mask].mean() - around).abs() < 0.8 * (gray[:, mask].mean() - around).abs()


def one_pixel(mask: Tensor) -> Tensor:
    one = torch.zeros_like(mask)
    one[30, 40] = True
    return one


def at_the_border(mask: Tensor) -> Tensor:
    corner = torch.zeros_like(mask)
    corner[:25, :20] = True
    return corner


@pytest.mark.parametrize("make", [one_pixel, at_the_border, torch.ones_like, lambda m: ~at_the_border(m)])
def test_odd_masks_work(small: tuple[Tensor, Tensor, Tensor], make):
    composite, mask, picture = small[0], make(small[1]), painting(60, 90, seed=3)
    result = harmonize(composite, mask, tensor(picture))
    assert result.isfinite().all()
    assert changed(result, composite)[mask].any()
    assert torch.equal(result[:, ~grown(mask, REACH)], composite[:, ~grown(mask, REACH)])


def test_a_large_object_takes_on_the_strokes_too():
    picture = np.tile(painting(), (2, 2, 1))
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    shape = (x - 180) ** 2 + (y - 130) ** 2 < 75**2
    thing = np.stack([128 + 90 * np.sin(x / 31.0), 120 + 90 * np.cos(y / 23.0), 60 + 0 * x], -1)
    composite, mask, behind = paste(picture, thing.astype(np.uint8), shape, 0, 0)
    result = harmonize(composite, mask, behind)
    before, after = (belonging(v, composite, mask) for v in (composite, result))
    assert after.detail < 0.7 * before.detail
    assert torch.equal(result[:, ~grown(mask, REACH)], composite[:, ~grown(mask, REACH)])


BAD = {
    "select the pasted object": lambda c, m, p: (c, torch.zeros_like(m), p),
    "make the mask the same size": lambda c, m, p: (c, m[1:], p),
    "three channels or one": lambda c, m, p: (torch.cat([c, c[:1]]), m, p),
    "texture's picture must have": lambda c, m, p: (c, m, p[:2]),
    "not numbers": lambda c, m, p: (c * float("nan"), m, p),
    "choose another texture": lambda c, m, p: (c, torch.ones_like(m), c),
}


@pytest.mark.parametrize("message", list(BAD))
def test_bad_input_is_refused_in_one_sentence(small: tuple[Tensor, Tensor, Tensor], message: str):
    with pytest.raises(InputError, match=message) as error:
        harmonize(*BAD[message](*small))
    assert str(error.value).count(".") == 1


@pytest.mark.parametrize(("strength", "texture"), [(1.5, None), (float("nan"), None), (0.6, -0.1)])
def test_amounts_out_of_range_are_refused(small: tuple[Tensor, Tensor, Tensor], strength, texture):
    with pytest.raises(InputError, match="between 0 and 1"):
        harmonize(*small, strength, texture=texture)


def test_oklab_agrees_with_its_publication():
    """Ottosson's table: CIE XYZ of D65 white is (1, 0, 0); sRGB's red, green and blue have these values."""
    rgb = torch.tensor([[1.0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]).T
    lab = torch.tensor(
        [[1, 0, 0], [0.62796, 0.22486, 0.12585], [0.86644, -0.23389, 0.17950], [0.45201, -0.03246, -0.31153]]
    )
    assert torch.allclose(to_oklab(rgb).T, lab, atol=2e-4)
    colours = torch.rand(3, 500, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(to_rgb(to_oklab(colours)), colours, atol=1e-4)
