{#-
  The entries of a row, as a list of structs: event, suffix of the entry's id, debit and credit
  account, amount and date. An entry without amount or date is none.
-#}
{% macro entries(listed) -%}
    unnest(
        list_filter(
            [
                {%- for event_type, debit, credit, amount, event_date in listed %}
                {
                    'event_type': {{ event_type }},
                    'debit_account': {{ debit }},
                    'credit_account': {{ credit }},
                    'amount': cast({{ amount }} as decimal(18, 2)),
                    'event_date': {{ event_date }}
                }{{ ',' if not loop.last }}
                {%- endfor %}
            ],
            lambda entry: entry.amount <> 0 and entry.event_date is not null
        ),
        recursive := true
    )
{%- endmacro %}
