"""Great Expectations over an open DuckDB connection. Importing this module imports GX (5 s)."""

from __future__ import annotations

import builtins
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, cast

import great_expectations as gx
import sqlalchemy as sa
from duckdb_engine import ConnectionWrapper
from great_expectations.compatibility import pydantic
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.validator.v1_validator import Validator
from sqlalchemy.pool import StaticPool

if TYPE_CHECKING:
    import duckdb
    from great_expectations import ExpectationSuite
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context import EphemeralDataContext

_NAME = "duckdb"

logging.captureWarnings(False)  # importing GX turns the warnings of the whole process into logs


class Session(ConnectionWrapper):  # type: ignore[misc]  # duckdb_engine is untyped
    """A DuckDB connection that SQLAlchemy may use but neither close nor put in a transaction.

    The audits only read: every statement stands for itself, and who opened the connection
    closes it.
    """

    def begin(self) -> None:
        """Open no transaction."""

    def commit(self) -> None:
        """Commit nothing."""

    def rollback(self) -> None:
        """Roll back nothing: a transaction of the owner stays as it is."""

    def close(self) -> None:
        """Leave the connection to its owner."""


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):  # type: ignore[misc]  # GX is untyped
    """Keeps one connection open, so that a result can be fetched after `execute_query`.

    The stock engine gives the connection back first, and DuckDB has then forgotten the rows
    ("list index out of range"). GX fetches each result before it asks for the next.
    """

    _session: sa.Connection | None = None

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """Yield the one connection of the session."""
        if self._session is None:
            self._session = self.engine.connect()
        yield self._session


class DuckDBDatasource(SQLDatasource):  # type: ignore[misc]  # GX is untyped
    """A SQL data source over one open session instead of a connection string."""

    type: Literal["duckdb"] = "duckdb"
    _session_engine: Any = pydantic.PrivateAttr(None)
    _session_execution_engine: Any = pydantic.PrivateAttr(None)

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine class whose metrics GX looks up."""
        return DuckDBExecutionEngine

    def bind(self, connection: duckdb.DuckDBPyConnection) -> DuckDBDatasource:
        """Use this connection for every query, and return self."""
        session = Session(connection)
        engine = sa.create_engine("duckdb://", creator=lambda: session, poolclass=StaticPool)
        self._session_engine = engine
        self._session_execution_engine = DuckDBExecutionEngine(
            engine=engine, create_temp_table=False
        )
        return self

    def get_engine(self) -> sa.Engine:
        """Return the SQLAlchemy engine over the session."""
        return cast(sa.Engine, self._session_engine)

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        """Return the one execution engine of the session."""
        return cast(SqlAlchemyExecutionEngine, self._session_execution_engine)


def context(sites: dict[str, Any] | None = None) -> EphemeralDataContext:
    """Return a context that lives in memory, sends nothing and draws no progress bars.

    Args:
        sites: Data Docs sites by name, in the configuration of GX; none by default.
    """
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            data_docs_sites=sites or {},
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        ),
    )


def data_source(
    owner: EphemeralDataContext, connection: duckdb.DuckDBPyConnection
) -> DuckDBDatasource:
    """Give GX a data source that reads through an open DuckDB connection.

    The one place that knows how GX meets DuckDB: an official engine replaces this module.
    Tables are query assets, so that attached databases (`marts.sales.x`) work too; nothing
    is created in any audited file.
    """
    source = DuckDBDatasource(name=_NAME, connection_string="duckdb://").bind(connection)
    return cast(DuckDBDatasource, owner.data_sources.add_duckdb(source))


def validate(
    source: DuckDBDatasource,
    query: str,
    suite: ExpectationSuite,
    result_format: dict[str, Any],
) -> ExpectationSuiteValidationResult:
    """Run one suite over one query, all metrics of the suite bundled as far as GX can."""
    names = source.get_asset_names()
    name = suite.name if suite.name not in names else f"{suite.name} ({len(names)})"
    asset = source.add_query_asset(name=name, query=query)
    batch = asset.add_batch_definition("whole")
    return Validator(batch, result_format=result_format).validate_expectation_suite(suite)
