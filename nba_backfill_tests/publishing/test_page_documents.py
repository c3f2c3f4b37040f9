"""The documents that the page is tested on are ones that the exporters could have written."""

import json

from nba_backfill.definitions import CATALOGUE
from nba_backfill.publishing.exporter import problem_of
from nba_backfill.publishing.site import LIST
from nba_backfill_tests.publishing.page_documents import write_documents

PATTERNS = [
    LIST,
    *(p for table in CATALOGUE if table.publication for p in table.publication.patterns),
]


def test_hand_made_documents_keep_the_contracts_of_the_exporters(tmp_path):
    from pydantic import ValidationError

    write_documents(tmp_path)
    problems, kinds = {}, set()
    for file in sorted(tmp_path.rglob("*.json")):
        path = file.relative_to(tmp_path / "v1").as_posix()
        pattern = next((p for p in PATTERNS if p.expression.fullmatch(path)), None)
        if pattern is None:
            continue
        kinds.add(pattern.pattern)
        said = json.loads(file.read_text())
        said.pop(pattern.model.generated_key)
        try:
            pattern.model.model_validate_json(json.dumps(said))
        except ValidationError as error:
            problems.setdefault(pattern.pattern, f"{path}: {problem_of(error)}")
    assert problems == {}
    assert {"index.json", "results/{date}.json", "systems/history.json"} <= kinds
