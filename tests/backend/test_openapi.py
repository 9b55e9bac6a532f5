"""The backend keeps to the OpenAPI document that it gives of itself, whatever is sent to it."""

import json
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from backends import Backend
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from raw import DATA, MEDIA_TYPE, container, header
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

HEALTH: Any = list(HealthCheck)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TEXTS = "text_content", "text_style", "text_restyle", "text_region"
TASKS = "generate", "tile", "place", "expand", "fill", "paint", "style", "harmonize", "learn", *TEXTS


def _container(asked: Any) -> bytes:
    described = header()
    described["__metadata__"]["request"] = json.dumps(asked)
    return container(described, DATA)


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_names = st.sampled_from(["picture", "mask", "nothing"])
_layers = st.lists(
    st.fixed_dictionaries({"tensor": _names}, optional={"layout": _anything, "only": _names}), max_size=2
)
_jobs = st.fixed_dictionaries(
    {"task": st.sampled_from(TASKS), "source": st.fixed_dictionaries({"layers": _layers}) | _anything},
    optional={
        "picture": st.fixed_dictionaries({"tensor": _names}) | _anything,
        "mask": _names,
        "name": st.text(max_size=120),
        "count": st.integers(-1, 3) | _anything,
        "seed": st.integers() | _anything,
        "steps": st.integers(-1, 2),
        "width": st.integers(-1, 40),
        "height": st.integers(-1, 40),
        "quality": st.just("draft") | _anything,
        "strength": st.floats() | _anything,
        "prompts": st.lists(st.fixed_dictionaries({"words": st.text(max_size=9), "weight": st.floats()})) | _anything,
    },
)
schemathesis.openapi.media_type(MEDIA_TYPE, (_jobs | _anything).map(_container) | st.binary(max_size=200))


@pytest.fixture(scope="module")
def api(backend: Backend):
    """The document of a living backend, without what ends it, and with streams that end."""
    document = backend.ask("GET", "/openapi.json")[1]
    del document["paths"]["/stop"]
    for parameter in document["paths"]["/events"]["get"]["parameters"]:
        if parameter["name"] == "seconds":
            parameter |= {"required": True, "schema": {"type": "number", "minimum": 0, "maximum": 0.05}}
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"http://127.0.0.1:{backend.address.port}")
    return schema


@pytest.mark.parametrize(("mode", "examples"), [(GenerationMode.POSITIVE, 25), (GenerationMode.NEGATIVE, 8)])
def test_every_answer_is_as_documented_and_none_is_a_fault_or_a_hang(api, backend: Backend, mode, examples):
    headers = {"Authorization": f"Bearer {backend.address.token}"}
    tried = set()

    def attack(operation: Any) -> None:
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=HEALTH)
        def answers(case: schemathesis.Case) -> None:
            answer = case.call(headers=headers, timeout=30)
            case.validate_response(answer, checks=CHECKS)
            if answer.status_code >= 400:
                assert set(answer.json()) == {"error"}
            tried.add(operation.label)

        with suppress(Unsatisfiable):  # nothing can be wrong where there is nothing to say
            answers()

    for found in api.get_all_operations():
        attack(found.ok())
    assert len(tried) >= (15 if mode is GenerationMode.NEGATIVE else 20)


def test_methods_that_are_not_there_are_refused(backend: Backend):
    document = backend.ask("GET", "/openapi.json")[1]
    for path, operations in document["paths"].items():
        for method in {"get", "put", "patch", "delete", "post"} - set(operations):
            address = path.replace("{id}", "0" * 16).replace("{name}", "x").replace("{index}", "0")
            assert backend.ask(method.upper(), address)[0] == 405, (method, path)


def test_the_document_describes_jobs_refusals_and_the_token(backend: Backend):
    document = backend.ask("GET", "/openapi.json")[1]
    schemas = document["components"]["schemas"]
    assert set(schemas["Job"]["discriminator"]["mapping"]) == {*TASKS, "fetch"}
    for name in schemas["Job"]["discriminator"]["mapping"].values():
        assert name.removeprefix("#/components/schemas/") in schemas
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            refusal = operation["responses"]["404"]["content"]["application/json"]["schema"]
            assert refusal == {"$ref": "#/components/schemas/Refusal"}
    assert document["security"] == [{"token": []}]


def test_the_backend_still_works_after_all_that(backend: Backend):
    answer = requests.get(
        f"http://127.0.0.1:{backend.address.port}/health",
        headers={"Authorization": f"Bearer {backend.address.token}"},
        timeout=30,
    )
    assert answer.json()["name"] == "sinddm"
