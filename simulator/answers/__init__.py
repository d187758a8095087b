"""The answer key: right values of the platform's figures, computed from its truth alone.

Each file of `sql/` is one answer; the comment on its top says what it is, its grain and for whom,
and its `order by` names the order of the rows. The files of `base/` make the tables that several
answers read. All of it reads the schemas `final`, `delivery` and `money`, `truth.parameters` and
the seeds.
"""

from simulator.answers.write import write_answers

__all__ = ["write_answers"]
