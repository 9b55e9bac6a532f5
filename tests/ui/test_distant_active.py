"""Which image the artist works on, as far as it can be told from what changes."""

from sinddm_plugin.gimp.following import ActiveImage


def test_without_images_none_is_active():
    active = ActiveImage()
    assert active.see({}) is None


def test_the_image_whose_menu_was_used_is_active_until_another_one_changes():
    active = ActiveImage()
    active.choose(1)
    assert active.see({1: "a", 2: "b"}) == 1
    assert active.see({1: "a", 2: "b"}) == 1
    assert active.see({1: "a", 2: "painted"}) == 2
    assert active.see({1: "a", 2: "painted"}) == 2
    active.choose(1)
    assert active.see({1: "a", 2: "painted"}) == 1


def test_what_is_open_from_the_beginning_has_not_changed_and_the_newest_is_taken():
    assert ActiveImage().see({1: "a", 7: "b", 3: "c"}) == 7


def test_an_image_that_is_opened_is_active():
    active = ActiveImage()
    active.see({1: "a"})
    assert active.see({1: "a", 2: "b"}) == 2


def test_where_several_change_at_once_it_stays_the_one_it_was():
    active = ActiveImage()
    active.choose(1)
    active.see({1: "a", 2: "b"})
    assert active.see({1: "changed", 2: "changed"}) == 1
    assert active.see({1: "changed", 2: "changed", 3: "new", 4: "new"}) == 1


def test_of_what_is_left_the_one_that_was_worked_on_last_is_active():
    active = ActiveImage()
    active.see({1: "a", 2: "b", 3: "c"})
    active.choose(2)
    active.choose(1)
    active.choose(3)
    assert active.see({1: "a", 2: "b"}) == 1
    assert active.see({2: "b"}) == 2
    assert active.see({}) is None
    assert active.see({4: "d"}) == 4
