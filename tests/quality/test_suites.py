"""The suites fit the contract and each other."""

from __future__ import annotations

from collections import Counter

import expectations
from orchestration.quality.contract import entities, hidden_columns


def test_every_entity_of_the_raw_contract_has_suites() -> None:
    assert set(expectations.entity_names()) == set(entities())


def test_every_rate_has_one_name_and_one_expectation() -> None:
    names = Counter(
        name for entity in expectations.entity_names() for name in expectations.entity(entity).RATES
    )
    expected = {
        item.column
        for entity in expectations.entity_names()
        for item in expectations.entity(entity).batches().expectations
    }
    assert set(names.values()) == {1}
    assert set(names) == expected


def test_every_expectation_says_in_words_what_it_expects() -> None:
    for name, suite in expectations.suites().items():
        rules = [(item.description, item.severity) for item in suite.expectations]
        assert all(words for words, _ in rules), name
        assert len(set(rules)) == len(rules), name


def test_no_expectation_is_about_a_personal_column() -> None:
    for suite in expectations.suites().values():
        for item in suite.expectations:
            column = getattr(item, "column", None)
            assert column not in hidden_columns(), suite.name


def test_no_mart_query_uses_a_column_of_personal_data_as_a_key() -> None:
    for table, module in expectations.mart_modules().items():
        assert not set(module.KEYS) & hidden_columns(), table
