SELECT convert_to(
  coalesce(
    CASE
      (SELECT t1.entity FROM api.change t1 WHERE t1.golden_id = $1::uuid ORDER BY t1.version LIMIT 1)
      WHEN 'currency' THEN (
        SELECT (
          '{"__typename":"Currency","id":"'
            || t2.id::text
            || '","version":'
            || t2.version::text
            || ',"recordState":"'
            || t2.record_state
            || '"}'
        ) AS o
        FROM api.currency AS t2
        WHERE t2.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'fiscal_calendar' THEN (
        SELECT (
          '{"__typename":"FiscalCalendar","id":"'
            || t3.id::text
            || '","version":'
            || t3.version::text
            || ',"recordState":"'
            || t3.record_state
            || '"}'
        ) AS o
        FROM api.fiscal_calendar AS t3
        WHERE t3.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'legal_entity' THEN (
        SELECT (
          '{"__typename":"LegalEntity","id":"'
            || t4.id::text
            || '","version":'
            || t4.version::text
            || ',"recordState":"'
            || t4.record_state
            || '"}'
        ) AS o
        FROM api.legal_entity AS t4
        WHERE t4.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'region' THEN (
        SELECT (
          '{"__typename":"Region","id":"'
            || t5.id::text
            || '","version":'
            || t5.version::text
            || ',"recordState":"'
            || t5.record_state
            || '"}'
        ) AS o
        FROM api.region AS t5
        WHERE t5.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'regional_policy' THEN (
        SELECT (
          '{"__typename":"RegionalPolicy","id":"'
            || t6.id::text
            || '","version":'
            || t6.version::text
            || ',"recordState":"'
            || t6.record_state
            || '"}'
        ) AS o
        FROM api.regional_policy AS t6
        WHERE t6.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'cost_centre' THEN (
        SELECT (
          '{"__typename":"CostCentre","id":"'
            || t7.id::text
            || '","version":'
            || t7.version::text
            || ',"recordState":"'
            || t7.record_state
            || '"}'
        ) AS o
        FROM api.cost_centre AS t7
        WHERE t7.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'ledger_account' THEN (
        SELECT (
          '{"__typename":"LedgerAccount","id":"'
            || t8.id::text
            || '","version":'
            || t8.version::text
            || ',"recordState":"'
            || t8.record_state
            || '"}'
        ) AS o
        FROM api.ledger_account AS t8
        WHERE t8.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'service_line' THEN (
        SELECT (
          '{"__typename":"ServiceLine","id":"'
            || t9.id::text
            || '","version":'
            || t9.version::text
            || ',"recordState":"'
            || t9.record_state
            || '"}'
        ) AS o
        FROM api.service_line AS t9
        WHERE t9.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'service_item' THEN (
        SELECT (
          '{"__typename":"ServiceItem","id":"'
            || t10.id::text
            || '","version":'
            || t10.version::text
            || ',"recordState":"'
            || t10.record_state
            || '"}'
        ) AS o
        FROM api.service_item AS t10
        WHERE t10.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'account_map' THEN (
        SELECT (
          '{"__typename":"AccountMap","id":"'
            || t11.id::text
            || '","version":'
            || t11.version::text
            || ',"recordState":"'
            || t11.record_state
            || '"}'
        ) AS o
        FROM api.account_map AS t11
        WHERE t11.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'tax_code' THEN (
        SELECT (
          '{"__typename":"TaxCode","id":"'
            || t12.id::text
            || '","version":'
            || t12.version::text
            || ',"recordState":"'
            || t12.record_state
            || '"}'
        ) AS o
        FROM api.tax_code AS t12
        WHERE t12.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'tax_rule' THEN (
        SELECT (
          '{"__typename":"TaxRule","id":"'
            || t13.id::text
            || '","version":'
            || t13.version::text
            || ',"recordState":"'
            || t13.record_state
            || '"}'
        ) AS o
        FROM api.tax_rule AS t13
        WHERE t13.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'exchange_rate' THEN (
        SELECT (
          '{"__typename":"ExchangeRate","id":"'
            || t14.id::text
            || '","version":'
            || t14.version::text
            || ',"recordState":"'
            || t14.record_state
            || '"}'
        ) AS o
        FROM api.exchange_rate AS t14
        WHERE t14.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'accounting_period' THEN (
        SELECT (
          '{"__typename":"AccountingPeriod","id":"'
            || t15.id::text
            || '","version":'
            || t15.version::text
            || ',"recordState":"'
            || t15.record_state
            || '"}'
        ) AS o
        FROM api.accounting_period AS t15
        WHERE t15.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'interface_entry' THEN (
        SELECT (
          '{"__typename":"InterfaceEntry","id":"'
            || t16.id::text
            || '","version":'
            || t16.version::text
            || ',"recordState":"'
            || t16.record_state
            || '"}'
        ) AS o
        FROM api.interface_entry AS t16
        WHERE t16.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'vendor' THEN (
        SELECT (
          '{"__typename":"Vendor","id":"'
            || t17.id::text
            || '","version":'
            || t17.version::text
            || ',"recordState":"'
            || t17.record_state
            || '"}'
        ) AS o
        FROM api.vendor AS t17
        WHERE t17.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'resource' THEN (
        SELECT (
          '{"__typename":"Resource","id":"'
            || t18.id::text
            || '","version":'
            || t18.version::text
            || ',"recordState":"'
            || t18.record_state
            || '"}'
        ) AS o
        FROM api.resource AS t18
        WHERE t18.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'client' THEN (
        SELECT (
          CASE
            WHEN t19.plain_version = t19.version THEN (
              '{"__typename":"Client","id":"'
                || t19.id::text
                || '","version":'
                || t19.version::text
                || ',"recordState":"'
                || t19.record_state
                || '"'
                || coalesce((',"legalName":"' || t19."legal_name" || '"'), ',"legalName":null')
            )
            ELSE (
              '{"__typename":"Client","id":"'
                || t19.id::text
                || '","version":'
                || t19.version::text
                || ',"recordState":"'
                || t19.record_state
                || '"'
                || coalesce((',"legalName":' || to_json(t19."legal_name")::text), ',"legalName":null')
            )
          END
            || '}'
        ) AS o
        FROM api.client AS t19
        WHERE t19.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'client_site' THEN (
        SELECT (
          '{"__typename":"ClientSite","id":"'
            || t20.id::text
            || '","version":'
            || t20.version::text
            || ',"recordState":"'
            || t20.record_state
            || '"}'
        ) AS o
        FROM api.client_site AS t20
        WHERE t20.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'contact' THEN (
        SELECT (
          CASE
            WHEN t21.plain_version = t21.version THEN (
              '{"__typename":"Contact","id":"'
                || t21.id::text
                || '","version":'
                || t21.version::text
                || ',"recordState":"'
                || t21.record_state
                || '"'
                || coalesce((',"familyName":"' || t21."family_name" || '"'), ',"familyName":null')
            )
            ELSE (
              '{"__typename":"Contact","id":"'
                || t21.id::text
                || '","version":'
                || t21.version::text
                || ',"recordState":"'
                || t21.record_state
                || '"'
                || coalesce((',"familyName":' || to_json(t21."family_name")::text), ',"familyName":null')
            )
          END
            || coalesce(
              (
                ',"client":'
                  || (
                    SELECT (
                      CASE
                        WHEN t22.plain_version = t22.version THEN coalesce(
                          ('{"name":"' || t22."name" || '"'), '{"name":null'
                        )
                        ELSE coalesce(('{"name":' || to_json(t22."name")::text), '{"name":null')
                      END
                        || '}'
                    ) AS o
                    FROM api.client AS t22
                    WHERE t22.id = t21.client_id
                  )
              ),
              ',"client":null'
            )
            || '}'
        ) AS o
        FROM api.contact AS t21
        WHERE t21.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'client_relationship' THEN (
        SELECT (
          '{"__typename":"ClientRelationship","id":"'
            || t23.id::text
            || '","version":'
            || t23.version::text
            || ',"recordState":"'
            || t23.record_state
            || '"}'
        ) AS o
        FROM api.client_relationship AS t23
        WHERE t23.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_account' THEN (
        SELECT (
          '{"__typename":"BillingAccount","id":"'
            || t24.id::text
            || '","version":'
            || t24.version::text
            || ',"recordState":"'
            || t24.record_state
            || '"}'
        ) AS o
        FROM api.billing_account AS t24
        WHERE t24.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'opportunity' THEN (
        SELECT (
          '{"__typename":"Opportunity","id":"'
            || t25.id::text
            || '","version":'
            || t25.version::text
            || ',"recordState":"'
            || t25.record_state
            || '"}'
        ) AS o
        FROM api.opportunity AS t25
        WHERE t25.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'contract' THEN (
        SELECT (
          '{"__typename":"Contract","id":"'
            || t26.id::text
            || '","version":'
            || t26.version::text
            || ',"recordState":"'
            || t26.record_state
            || '"}'
        ) AS o
        FROM api.contract AS t26
        WHERE t26.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'contract_line' THEN (
        SELECT (
          '{"__typename":"ContractLine","id":"'
            || t27.id::text
            || '","version":'
            || t27.version::text
            || ',"recordState":"'
            || t27.record_state
            || '"}'
        ) AS o
        FROM api.contract_line AS t27
        WHERE t27.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'rate_card' THEN (
        SELECT (
          '{"__typename":"RateCard","id":"'
            || t28.id::text
            || '","version":'
            || t28.version::text
            || ',"recordState":"'
            || t28.record_state
            || '"}'
        ) AS o
        FROM api.rate_card AS t28
        WHERE t28.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'rate_line' THEN (
        SELECT (
          '{"__typename":"RateLine","id":"'
            || t29.id::text
            || '","version":'
            || t29.version::text
            || ',"recordState":"'
            || t29.record_state
            || '"}'
        ) AS o
        FROM api.rate_line AS t29
        WHERE t29.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'client_purchase_order' THEN (
        SELECT (
          '{"__typename":"ClientPurchaseOrder","id":"'
            || t30.id::text
            || '","version":'
            || t30.version::text
            || ',"recordState":"'
            || t30.record_state
            || '"}'
        ) AS o
        FROM api.client_purchase_order AS t30
        WHERE t30.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'engagement' THEN (
        SELECT (
          '{"__typename":"Engagement","id":"'
            || t31.id::text
            || '","version":'
            || t31.version::text
            || ',"recordState":"'
            || t31.record_state
            || '"}'
        ) AS o
        FROM api.engagement AS t31
        WHERE t31.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'project_template' THEN (
        SELECT (
          '{"__typename":"ProjectTemplate","id":"'
            || t32.id::text
            || '","version":'
            || t32.version::text
            || ',"recordState":"'
            || t32.record_state
            || '"}'
        ) AS o
        FROM api.project_template AS t32
        WHERE t32.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'project' THEN (
        SELECT (
          '{"__typename":"Project","id":"'
            || t33.id::text
            || '","version":'
            || t33.version::text
            || ',"recordState":"'
            || t33.record_state
            || '"}'
        ) AS o
        FROM api.project AS t33
        WHERE t33.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'project_financials' THEN (
        SELECT (
          '{"__typename":"ProjectFinancials","id":"'
            || t34.id::text
            || '","version":'
            || t34.version::text
            || ',"recordState":"'
            || t34.record_state
            || '"}'
        ) AS o
        FROM api.project_financials AS t34
        WHERE t34.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'task' THEN (
        SELECT (
          '{"__typename":"Task","id":"'
            || t35.id::text
            || '","version":'
            || t35.version::text
            || ',"recordState":"'
            || t35.record_state
            || '"}'
        ) AS o
        FROM api.task AS t35
        WHERE t35.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'assignment' THEN (
        SELECT (
          '{"__typename":"Assignment","id":"'
            || t36.id::text
            || '","version":'
            || t36.version::text
            || ',"recordState":"'
            || t36.record_state
            || '"}'
        ) AS o
        FROM api.assignment AS t36
        WHERE t36.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'contract_threshold' THEN (
        SELECT (
          '{"__typename":"ContractThreshold","id":"'
            || t37.id::text
            || '","version":'
            || t37.version::text
            || ',"recordState":"'
            || t37.record_state
            || '"}'
        ) AS o
        FROM api.contract_threshold AS t37
        WHERE t37.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'change_order' THEN (
        SELECT (
          '{"__typename":"ChangeOrder","id":"'
            || t38.id::text
            || '","version":'
            || t38.version::text
            || ',"recordState":"'
            || t38.record_state
            || '"}'
        ) AS o
        FROM api.change_order AS t38
        WHERE t38.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'time_entry' THEN (
        SELECT (
          '{"__typename":"TimeEntry","id":"'
            || t39.id::text
            || '","version":'
            || t39.version::text
            || ',"recordState":"'
            || t39.record_state
            || '"}'
        ) AS o
        FROM api.time_entry AS t39
        WHERE t39.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'expense_report' THEN (
        SELECT (
          '{"__typename":"ExpenseReport","id":"'
            || t40.id::text
            || '","version":'
            || t40.version::text
            || ',"recordState":"'
            || t40.record_state
            || '"}'
        ) AS o
        FROM api.expense_report AS t40
        WHERE t40.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'expense' THEN (
        SELECT (
          '{"__typename":"Expense","id":"'
            || t41.id::text
            || '","version":'
            || t41.version::text
            || ',"recordState":"'
            || t41.record_state
            || '"}'
        ) AS o
        FROM api.expense AS t41
        WHERE t41.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'milestone' THEN (
        SELECT (
          '{"__typename":"Milestone","id":"'
            || t42.id::text
            || '","version":'
            || t42.version::text
            || ',"recordState":"'
            || t42.record_state
            || '"}'
        ) AS o
        FROM api.milestone AS t42
        WHERE t42.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'purchase_order' THEN (
        SELECT (
          '{"__typename":"PurchaseOrder","id":"'
            || t43.id::text
            || '","version":'
            || t43.version::text
            || ',"recordState":"'
            || t43.record_state
            || '"}'
        ) AS o
        FROM api.purchase_order AS t43
        WHERE t43.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'purchase_order_line' THEN (
        SELECT (
          '{"__typename":"PurchaseOrderLine","id":"'
            || t44.id::text
            || '","version":'
            || t44.version::text
            || ',"recordState":"'
            || t44.record_state
            || '"}'
        ) AS o
        FROM api.purchase_order_line AS t44
        WHERE t44.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'cost_item' THEN (
        SELECT (
          '{"__typename":"CostItem","id":"'
            || t45.id::text
            || '","version":'
            || t45.version::text
            || ',"recordState":"'
            || t45.record_state
            || '"}'
        ) AS o
        FROM api.cost_item AS t45
        WHERE t45.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_schedule' THEN (
        SELECT (
          '{"__typename":"BillingSchedule","id":"'
            || t46.id::text
            || '","version":'
            || t46.version::text
            || ',"recordState":"'
            || t46.record_state
            || '"}'
        ) AS o
        FROM api.billing_schedule AS t46
        WHERE t46.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_schedule_line' THEN (
        SELECT (
          '{"__typename":"BillingScheduleLine","id":"'
            || t47.id::text
            || '","version":'
            || t47.version::text
            || ',"recordState":"'
            || t47.record_state
            || '"}'
        ) AS o
        FROM api.billing_schedule_line AS t47
        WHERE t47.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_hold' THEN (
        SELECT (
          '{"__typename":"BillingHold","id":"'
            || t48.id::text
            || '","version":'
            || t48.version::text
            || ',"recordState":"'
            || t48.record_state
            || '"}'
        ) AS o
        FROM api.billing_hold AS t48
        WHERE t48.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_batch' THEN (
        SELECT (
          '{"__typename":"BillingBatch","id":"'
            || t49.id::text
            || '","version":'
            || t49.version::text
            || ',"recordState":"'
            || t49.record_state
            || '"}'
        ) AS o
        FROM api.billing_batch AS t49
        WHERE t49.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billable_item' THEN (
        SELECT (
          '{"__typename":"BillableItem","id":"'
            || t50.id::text
            || '","version":'
            || t50.version::text
            || ',"recordState":"'
            || t50.record_state
            || '"}'
        ) AS o
        FROM api.billable_item AS t50
        WHERE t50.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'invoice' THEN (
        SELECT (
          '{"__typename":"Invoice","id":"'
            || t51.id::text
            || '","version":'
            || t51.version::text
            || ',"recordState":"'
            || t51.record_state
            || '"}'
        ) AS o
        FROM api.invoice AS t51
        WHERE t51.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'credit_memo' THEN (
        SELECT (
          '{"__typename":"CreditMemo","id":"'
            || t52.id::text
            || '","version":'
            || t52.version::text
            || ',"recordState":"'
            || t52.record_state
            || '"}'
        ) AS o
        FROM api.credit_memo AS t52
        WHERE t52.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'invoice_line' THEN (
        SELECT (
          '{"__typename":"InvoiceLine","id":"'
            || t53.id::text
            || '","version":'
            || t53.version::text
            || ',"recordState":"'
            || t53.record_state
            || '"}'
        ) AS o
        FROM api.invoice_line AS t53
        WHERE t53.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'payment' THEN (
        SELECT (
          '{"__typename":"Payment","id":"'
            || t54.id::text
            || '","version":'
            || t54.version::text
            || ',"recordState":"'
            || t54.record_state
            || '"}'
        ) AS o
        FROM api.payment AS t54
        WHERE t54.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'payment_application' THEN (
        SELECT (
          '{"__typename":"PaymentApplication","id":"'
            || t55.id::text
            || '","version":'
            || t55.version::text
            || ',"recordState":"'
            || t55.record_state
            || '"}'
        ) AS o
        FROM api.payment_application AS t55
        WHERE t55.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'collection_case' THEN (
        SELECT (
          '{"__typename":"CollectionCase","id":"'
            || t56.id::text
            || '","version":'
            || t56.version::text
            || ',"recordState":"'
            || t56.record_state
            || '"}'
        ) AS o
        FROM api.collection_case AS t56
        WHERE t56.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'posting' THEN (
        SELECT (
          '{"__typename":"Posting","id":"'
            || t57.id::text
            || '","version":'
            || t57.version::text
            || ',"recordState":"'
            || t57.record_state
            || '"}'
        ) AS o
        FROM api.posting AS t57
        WHERE t57.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'posting_line' THEN (
        SELECT (
          '{"__typename":"PostingLine","id":"'
            || t58.id::text
            || '","version":'
            || t58.version::text
            || ',"recordState":"'
            || t58.record_state
            || '"}'
        ) AS o
        FROM api.posting_line AS t58
        WHERE t58.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'revenue_schedule' THEN (
        SELECT (
          '{"__typename":"RevenueSchedule","id":"'
            || t59.id::text
            || '","version":'
            || t59.version::text
            || ',"recordState":"'
            || t59.record_state
            || '"}'
        ) AS o
        FROM api.revenue_schedule AS t59
        WHERE t59.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'revenue_schedule_line' THEN (
        SELECT (
          '{"__typename":"RevenueScheduleLine","id":"'
            || t60.id::text
            || '","version":'
            || t60.version::text
            || ',"recordState":"'
            || t60.record_state
            || '"}'
        ) AS o
        FROM api.revenue_schedule_line AS t60
        WHERE t60.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'revenue_event' THEN (
        SELECT (
          '{"__typename":"RevenueEvent","id":"'
            || t61.id::text
            || '","version":'
            || t61.version::text
            || ',"recordState":"'
            || t61.record_state
            || '"}'
        ) AS o
        FROM api.revenue_event AS t61
        WHERE t61.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'wip_balance' THEN (
        SELECT (
          '{"__typename":"WipBalance","id":"'
            || t62.id::text
            || '","version":'
            || t62.version::text
            || ',"recordState":"'
            || t62.record_state
            || '"}'
        ) AS o
        FROM api.wip_balance AS t62
        WHERE t62.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'forecast' THEN (
        SELECT (
          '{"__typename":"Forecast","id":"'
            || t63.id::text
            || '","version":'
            || t63.version::text
            || ',"recordState":"'
            || t63.record_state
            || '"}'
        ) AS o
        FROM api.forecast AS t63
        WHERE t63.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'forecast_line' THEN (
        SELECT (
          '{"__typename":"ForecastLine","id":"'
            || t64.id::text
            || '","version":'
            || t64.version::text
            || ',"recordState":"'
            || t64.record_state
            || '"}'
        ) AS o
        FROM api.forecast_line AS t64
        WHERE t64.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'project_actuals' THEN (
        SELECT (
          '{"__typename":"ProjectActuals","id":"'
            || t65.id::text
            || '","version":'
            || t65.version::text
            || ',"recordState":"'
            || t65.record_state
            || '"}'
        ) AS o
        FROM api.project_actuals AS t65
        WHERE t65.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'utilisation_snapshot' THEN (
        SELECT (
          '{"__typename":"UtilisationSnapshot","id":"'
            || t66.id::text
            || '","version":'
            || t66.version::text
            || ',"recordState":"'
            || t66.record_state
            || '"}'
        ) AS o
        FROM api.utilisation_snapshot AS t66
        WHERE t66.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'profitability_snapshot' THEN (
        SELECT (
          '{"__typename":"ProfitabilitySnapshot","id":"'
            || t67.id::text
            || '","version":'
            || t67.version::text
            || ',"recordState":"'
            || t67.record_state
            || '"}'
        ) AS o
        FROM api.profitability_snapshot AS t67
        WHERE t67.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
    END,
    'null'
  ),
  'UTF8'
),
  convert_to(
    coalesce(
      CASE
        (SELECT t68.entity FROM api.change t68 WHERE t68.golden_id = $2::uuid ORDER BY t68.version LIMIT 1)
        WHEN 'currency' THEN (
          SELECT ('{"id":"' || t69.id::text || '"}') AS o
          FROM api.currency AS t69
          WHERE t69.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'fiscal_calendar' THEN (
          SELECT ('{"id":"' || t70.id::text || '"}') AS o
          FROM api.fiscal_calendar AS t70
          WHERE t70.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'legal_entity' THEN (
          SELECT ('{"id":"' || t71.id::text || '"}') AS o
          FROM api.legal_entity AS t71
          WHERE t71.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'region' THEN (
          SELECT ('{"id":"' || t72.id::text || '"}') AS o
          FROM api.region AS t72
          WHERE t72.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'regional_policy' THEN (
          SELECT ('{"id":"' || t73.id::text || '"}') AS o
          FROM api.regional_policy AS t73
          WHERE t73.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'cost_centre' THEN (
          SELECT ('{"id":"' || t74.id::text || '"}') AS o
          FROM api.cost_centre AS t74
          WHERE t74.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'ledger_account' THEN (
          SELECT ('{"id":"' || t75.id::text || '"}') AS o
          FROM api.ledger_account AS t75
          WHERE t75.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'service_line' THEN (
          SELECT ('{"id":"' || t76.id::text || '"}') AS o
          FROM api.service_line AS t76
          WHERE t76.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'service_item' THEN (
          SELECT ('{"id":"' || t77.id::text || '"}') AS o
          FROM api.service_item AS t77
          WHERE t77.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'account_map' THEN (
          SELECT ('{"id":"' || t78.id::text || '"}') AS o
          FROM api.account_map AS t78
          WHERE t78.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'tax_code' THEN (
          SELECT ('{"id":"' || t79.id::text || '"}') AS o
          FROM api.tax_code AS t79
          WHERE t79.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'tax_rule' THEN (
          SELECT ('{"id":"' || t80.id::text || '"}') AS o
          FROM api.tax_rule AS t80
          WHERE t80.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'exchange_rate' THEN (
          SELECT ('{"id":"' || t81.id::text || '"}') AS o
          FROM api.exchange_rate AS t81
          WHERE t81.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'accounting_period' THEN (
          SELECT ('{"id":"' || t82.id::text || '"}') AS o
          FROM api.accounting_period AS t82
          WHERE t82.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'interface_entry' THEN (
          SELECT ('{"id":"' || t83.id::text || '"}') AS o
          FROM api.interface_entry AS t83
          WHERE t83.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'vendor' THEN (
          SELECT ('{"id":"' || t84.id::text || '"}') AS o
          FROM api.vendor AS t84
          WHERE t84.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'resource' THEN (
          SELECT ('{"id":"' || t85.id::text || '"}') AS o
          FROM api.resource AS t85
          WHERE t85.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'client' THEN (
          SELECT ('{"id":"' || t86.id::text || '"}') AS o
          FROM api.client AS t86
          WHERE t86.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'client_site' THEN (
          SELECT ('{"id":"' || t87.id::text || '"}') AS o
          FROM api.client_site AS t87
          WHERE t87.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'contact' THEN (
          SELECT ('{"id":"' || t88.id::text || '"}') AS o
          FROM api.contact AS t88
          WHERE t88.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'client_relationship' THEN (
          SELECT ('{"id":"' || t89.id::text || '"}') AS o
          FROM api.client_relationship AS t89
          WHERE t89.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_account' THEN (
          SELECT ('{"id":"' || t90.id::text || '"}') AS o
          FROM api.billing_account AS t90
          WHERE t90.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'opportunity' THEN (
          SELECT ('{"id":"' || t91.id::text || '"}') AS o
          FROM api.opportunity AS t91
          WHERE t91.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'contract' THEN (
          SELECT ('{"id":"' || t92.id::text || '"}') AS o
          FROM api.contract AS t92
          WHERE t92.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'contract_line' THEN (
          SELECT ('{"id":"' || t93.id::text || '"}') AS o
          FROM api.contract_line AS t93
          WHERE t93.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'rate_card' THEN (
          SELECT ('{"id":"' || t94.id::text || '"}') AS o
          FROM api.rate_card AS t94
          WHERE t94.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'rate_line' THEN (
          SELECT ('{"id":"' || t95.id::text || '"}') AS o
          FROM api.rate_line AS t95
          WHERE t95.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'client_purchase_order' THEN (
          SELECT ('{"id":"' || t96.id::text || '"}') AS o
          FROM api.client_purchase_order AS t96
          WHERE t96.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'engagement' THEN (
          SELECT ('{"id":"' || t97.id::text || '"}') AS o
          FROM api.engagement AS t97
          WHERE t97.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'project_template' THEN (
          SELECT ('{"id":"' || t98.id::text || '"}') AS o
          FROM api.project_template AS t98
          WHERE t98.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'project' THEN (
          SELECT ('{"id":"' || t99.id::text || '"}') AS o
          FROM api.project AS t99
          WHERE t99.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'project_financials' THEN (
          SELECT ('{"id":"' || t100.id::text || '"}') AS o
          FROM api.project_financials AS t100
          WHERE t100.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'task' THEN (
          SELECT ('{"id":"' || t101.id::text || '"}') AS o
          FROM api.task AS t101
          WHERE t101.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'assignment' THEN (
          SELECT ('{"id":"' || t102.id::text || '"}') AS o
          FROM api.assignment AS t102
          WHERE t102.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'contract_threshold' THEN (
          SELECT ('{"id":"' || t103.id::text || '"}') AS o
          FROM api.contract_threshold AS t103
          WHERE t103.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'change_order' THEN (
          SELECT ('{"id":"' || t104.id::text || '"}') AS o
          FROM api.change_order AS t104
          WHERE t104.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'time_entry' THEN (
          SELECT ('{"id":"' || t105.id::text || '"}') AS o
          FROM api.time_entry AS t105
          WHERE t105.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'expense_report' THEN (
          SELECT ('{"id":"' || t106.id::text || '"}') AS o
          FROM api.expense_report AS t106
          WHERE t106.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'expense' THEN (
          SELECT ('{"id":"' || t107.id::text || '"}') AS o
          FROM api.expense AS t107
          WHERE t107.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'milestone' THEN (
          SELECT ('{"id":"' || t108.id::text || '"}') AS o
          FROM api.milestone AS t108
          WHERE t108.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'purchase_order' THEN (
          SELECT ('{"id":"' || t109.id::text || '"}') AS o
          FROM api.purchase_order AS t109
          WHERE t109.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'purchase_order_line' THEN (
          SELECT ('{"id":"' || t110.id::text || '"}') AS o
          FROM api.purchase_order_line AS t110
          WHERE t110.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'cost_item' THEN (
          SELECT ('{"id":"' || t111.id::text || '"}') AS o
          FROM api.cost_item AS t111
          WHERE t111.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_schedule' THEN (
          SELECT ('{"id":"' || t112.id::text || '"}') AS o
          FROM api.billing_schedule AS t112
          WHERE t112.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_schedule_line' THEN (
          SELECT ('{"id":"' || t113.id::text || '"}') AS o
          FROM api.billing_schedule_line AS t113
          WHERE t113.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_hold' THEN (
          SELECT ('{"id":"' || t114.id::text || '"}') AS o
          FROM api.billing_hold AS t114
          WHERE t114.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_batch' THEN (
          SELECT ('{"id":"' || t115.id::text || '"}') AS o
          FROM api.billing_batch AS t115
          WHERE t115.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billable_item' THEN (
          SELECT ('{"id":"' || t116.id::text || '"}') AS o
          FROM api.billable_item AS t116
          WHERE t116.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'invoice' THEN (
          SELECT ('{"id":"' || t117.id::text || '"}') AS o
          FROM api.invoice AS t117
          WHERE t117.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'credit_memo' THEN (
          SELECT ('{"id":"' || t118.id::text || '"}') AS o
          FROM api.credit_memo AS t118
          WHERE t118.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'invoice_line' THEN (
          SELECT ('{"id":"' || t119.id::text || '"}') AS o
          FROM api.invoice_line AS t119
          WHERE t119.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'payment' THEN (
          SELECT ('{"id":"' || t120.id::text || '"}') AS o
          FROM api.payment AS t120
          WHERE t120.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'payment_application' THEN (
          SELECT ('{"id":"' || t121.id::text || '"}') AS o
          FROM api.payment_application AS t121
          WHERE t121.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'collection_case' THEN (
          SELECT ('{"id":"' || t122.id::text || '"}') AS o
          FROM api.collection_case AS t122
          WHERE t122.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'posting' THEN (
          SELECT ('{"id":"' || t123.id::text || '"}') AS o
          FROM api.posting AS t123
          WHERE t123.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'posting_line' THEN (
          SELECT ('{"id":"' || t124.id::text || '"}') AS o
          FROM api.posting_line AS t124
          WHERE t124.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'revenue_schedule' THEN (
          SELECT ('{"id":"' || t125.id::text || '"}') AS o
          FROM api.revenue_schedule AS t125
          WHERE t125.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'revenue_schedule_line' THEN (
          SELECT ('{"id":"' || t126.id::text || '"}') AS o
          FROM api.revenue_schedule_line AS t126
          WHERE t126.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'revenue_event' THEN (
          SELECT ('{"id":"' || t127.id::text || '"}') AS o
          FROM api.revenue_event AS t127
          WHERE t127.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'wip_balance' THEN (
          SELECT ('{"id":"' || t128.id::text || '"}') AS o
          FROM api.wip_balance AS t128
          WHERE t128.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'forecast' THEN (
          SELECT ('{"id":"' || t129.id::text || '"}') AS o
          FROM api.forecast AS t129
          WHERE t129.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'forecast_line' THEN (
          SELECT ('{"id":"' || t130.id::text || '"}') AS o
          FROM api.forecast_line AS t130
          WHERE t130.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'project_actuals' THEN (
          SELECT ('{"id":"' || t131.id::text || '"}') AS o
          FROM api.project_actuals AS t131
          WHERE t131.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'utilisation_snapshot' THEN (
          SELECT ('{"id":"' || t132.id::text || '"}') AS o
          FROM api.utilisation_snapshot AS t132
          WHERE t132.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'profitability_snapshot' THEN (
          SELECT ('{"id":"' || t133.id::text || '"}') AS o
          FROM api.profitability_snapshot AS t133
          WHERE t133.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
      END,
      'null'
    ),
    'UTF8'
  ),
  convert_to(
    coalesce(
      CASE
        (SELECT t134.entity FROM api.change t134 WHERE t134.golden_id = $3::uuid ORDER BY t134.version LIMIT 1)
        WHEN 'currency' THEN (
          SELECT ('{"id":"' || t135.id::text || '"}') AS o
          FROM api.currency AS t135
          WHERE t135.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'fiscal_calendar' THEN (
          SELECT ('{"id":"' || t136.id::text || '"}') AS o
          FROM api.fiscal_calendar AS t136
          WHERE t136.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'legal_entity' THEN (
          SELECT ('{"id":"' || t137.id::text || '"}') AS o
          FROM api.legal_entity AS t137
          WHERE t137.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'region' THEN (
          SELECT ('{"id":"' || t138.id::text || '"}') AS o
          FROM api.region AS t138
          WHERE t138.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'regional_policy' THEN (
          SELECT ('{"id":"' || t139.id::text || '"}') AS o
          FROM api.regional_policy AS t139
          WHERE t139.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'cost_centre' THEN (
          SELECT ('{"id":"' || t140.id::text || '"}') AS o
          FROM api.cost_centre AS t140
          WHERE t140.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'ledger_account' THEN (
          SELECT ('{"id":"' || t141.id::text || '"}') AS o
          FROM api.ledger_account AS t141
          WHERE t141.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'service_line' THEN (
          SELECT ('{"id":"' || t142.id::text || '"}') AS o
          FROM api.service_line AS t142
          WHERE t142.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'service_item' THEN (
          SELECT ('{"id":"' || t143.id::text || '"}') AS o
          FROM api.service_item AS t143
          WHERE t143.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'account_map' THEN (
          SELECT ('{"id":"' || t144.id::text || '"}') AS o
          FROM api.account_map AS t144
          WHERE t144.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'tax_code' THEN (
          SELECT ('{"id":"' || t145.id::text || '"}') AS o
          FROM api.tax_code AS t145
          WHERE t145.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'tax_rule' THEN (
          SELECT ('{"id":"' || t146.id::text || '"}') AS o
          FROM api.tax_rule AS t146
          WHERE t146.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'exchange_rate' THEN (
          SELECT ('{"id":"' || t147.id::text || '"}') AS o
          FROM api.exchange_rate AS t147
          WHERE t147.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'accounting_period' THEN (
          SELECT ('{"id":"' || t148.id::text || '"}') AS o
          FROM api.accounting_period AS t148
          WHERE t148.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'interface_entry' THEN (
          SELECT ('{"id":"' || t149.id::text || '"}') AS o
          FROM api.interface_entry AS t149
          WHERE t149.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'vendor' THEN (
          SELECT ('{"id":"' || t150.id::text || '"}') AS o
          FROM api.vendor AS t150
          WHERE t150.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'resource' THEN (
          SELECT ('{"id":"' || t151.id::text || '"}') AS o
          FROM api.resource AS t151
          WHERE t151.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'client' THEN (
          SELECT ('{"id":"' || t152.id::text || '"}') AS o
          FROM api.client AS t152
          WHERE t152.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'client_site' THEN (
          SELECT ('{"id":"' || t153.id::text || '"}') AS o
          FROM api.client_site AS t153
          WHERE t153.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'contact' THEN (
          SELECT ('{"id":"' || t154.id::text || '"}') AS o
          FROM api.contact AS t154
          WHERE t154.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'client_relationship' THEN (
          SELECT ('{"id":"' || t155.id::text || '"}') AS o
          FROM api.client_relationship AS t155
          WHERE t155.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'billing_account' THEN (
          SELECT ('{"id":"' || t156.id::text || '"}') AS o
          FROM api.billing_account AS t156
          WHERE t156.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'opportunity' THEN (
          SELECT ('{"id":"' || t157.id::text || '"}') AS o
          FROM api.opportunity AS t157
          WHERE t157.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'contract' THEN (
          SELECT ('{"id":"' || t158.id::text || '"}') AS o
          FROM api.contract AS t158
          WHERE t158.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'contract_line' THEN (
          SELECT ('{"id":"' || t159.id::text || '"}') AS o
          FROM api.contract_line AS t159
          WHERE t159.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'rate_card' THEN (
          SELECT ('{"id":"' || t160.id::text || '"}') AS o
          FROM api.rate_card AS t160
          WHERE t160.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'rate_line' THEN (
          SELECT ('{"id":"' || t161.id::text || '"}') AS o
          FROM api.rate_line AS t161
          WHERE t161.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'client_purchase_order' THEN (
          SELECT ('{"id":"' || t162.id::text || '"}') AS o
          FROM api.client_purchase_order AS t162
          WHERE t162.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'engagement' THEN (
          SELECT ('{"id":"' || t163.id::text || '"}') AS o
          FROM api.engagement AS t163
          WHERE t163.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'project_template' THEN (
          SELECT ('{"id":"' || t164.id::text || '"}') AS o
          FROM api.project_template AS t164
          WHERE t164.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'project' THEN (
          SELECT ('{"id":"' || t165.id::text || '"}') AS o
          FROM api.project AS t165
          WHERE t165.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'project_financials' THEN (
          SELECT ('{"id":"' || t166.id::text || '"}') AS o
          FROM api.project_financials AS t166
          WHERE t166.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'task' THEN (
          SELECT ('{"id":"' || t167.id::text || '"}') AS o
          FROM api.task AS t167
          WHERE t167.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'assignment' THEN (
          SELECT ('{"id":"' || t168.id::text || '"}') AS o
          FROM api.assignment AS t168
          WHERE t168.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'contract_threshold' THEN (
          SELECT ('{"id":"' || t169.id::text || '"}') AS o
          FROM api.contract_threshold AS t169
          WHERE t169.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'change_order' THEN (
          SELECT ('{"id":"' || t170.id::text || '"}') AS o
          FROM api.change_order AS t170
          WHERE t170.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'time_entry' THEN (
          SELECT ('{"id":"' || t171.id::text || '"}') AS o
          FROM api.time_entry AS t171
          WHERE t171.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'expense_report' THEN (
          SELECT ('{"id":"' || t172.id::text || '"}') AS o
          FROM api.expense_report AS t172
          WHERE t172.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'expense' THEN (
          SELECT ('{"id":"' || t173.id::text || '"}') AS o
          FROM api.expense AS t173
          WHERE t173.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'milestone' THEN (
          SELECT ('{"id":"' || t174.id::text || '"}') AS o
          FROM api.milestone AS t174
          WHERE t174.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'purchase_order' THEN (
          SELECT ('{"id":"' || t175.id::text || '"}') AS o
          FROM api.purchase_order AS t175
          WHERE t175.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'purchase_order_line' THEN (
          SELECT ('{"id":"' || t176.id::text || '"}') AS o
          FROM api.purchase_order_line AS t176
          WHERE t176.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'cost_item' THEN (
          SELECT ('{"id":"' || t177.id::text || '"}') AS o
          FROM api.cost_item AS t177
          WHERE t177.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'billing_schedule' THEN (
          SELECT ('{"id":"' || t178.id::text || '"}') AS o
          FROM api.billing_schedule AS t178
          WHERE t178.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'billing_schedule_line' THEN (
          SELECT ('{"id":"' || t179.id::text || '"}') AS o
          FROM api.billing_schedule_line AS t179
          WHERE t179.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'billing_hold' THEN (
          SELECT ('{"id":"' || t180.id::text || '"}') AS o
          FROM api.billing_hold AS t180
          WHERE t180.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'billing_batch' THEN (
          SELECT ('{"id":"' || t181.id::text || '"}') AS o
          FROM api.billing_batch AS t181
          WHERE t181.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'billable_item' THEN (
          SELECT ('{"id":"' || t182.id::text || '"}') AS o
          FROM api.billable_item AS t182
          WHERE t182.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'invoice' THEN (
          SELECT ('{"id":"' || t183.id::text || '"}') AS o
          FROM api.invoice AS t183
          WHERE t183.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'credit_memo' THEN (
          SELECT ('{"id":"' || t184.id::text || '"}') AS o
          FROM api.credit_memo AS t184
          WHERE t184.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'invoice_line' THEN (
          SELECT ('{"id":"' || t185.id::text || '"}') AS o
          FROM api.invoice_line AS t185
          WHERE t185.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'payment' THEN (
          SELECT ('{"id":"' || t186.id::text || '"}') AS o
          FROM api.payment AS t186
          WHERE t186.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'payment_application' THEN (
          SELECT ('{"id":"' || t187.id::text || '"}') AS o
          FROM api.payment_application AS t187
          WHERE t187.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'collection_case' THEN (
          SELECT ('{"id":"' || t188.id::text || '"}') AS o
          FROM api.collection_case AS t188
          WHERE t188.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'posting' THEN (
          SELECT ('{"id":"' || t189.id::text || '"}') AS o
          FROM api.posting AS t189
          WHERE t189.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'posting_line' THEN (
          SELECT ('{"id":"' || t190.id::text || '"}') AS o
          FROM api.posting_line AS t190
          WHERE t190.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'revenue_schedule' THEN (
          SELECT ('{"id":"' || t191.id::text || '"}') AS o
          FROM api.revenue_schedule AS t191
          WHERE t191.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'revenue_schedule_line' THEN (
          SELECT ('{"id":"' || t192.id::text || '"}') AS o
          FROM api.revenue_schedule_line AS t192
          WHERE t192.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'revenue_event' THEN (
          SELECT ('{"id":"' || t193.id::text || '"}') AS o
          FROM api.revenue_event AS t193
          WHERE t193.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'wip_balance' THEN (
          SELECT ('{"id":"' || t194.id::text || '"}') AS o
          FROM api.wip_balance AS t194
          WHERE t194.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'forecast' THEN (
          SELECT ('{"id":"' || t195.id::text || '"}') AS o
          FROM api.forecast AS t195
          WHERE t195.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'forecast_line' THEN (
          SELECT ('{"id":"' || t196.id::text || '"}') AS o
          FROM api.forecast_line AS t196
          WHERE t196.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'project_actuals' THEN (
          SELECT ('{"id":"' || t197.id::text || '"}') AS o
          FROM api.project_actuals AS t197
          WHERE t197.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'utilisation_snapshot' THEN (
          SELECT ('{"id":"' || t198.id::text || '"}') AS o
          FROM api.utilisation_snapshot AS t198
          WHERE t198.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
        WHEN 'profitability_snapshot' THEN (
          SELECT ('{"id":"' || t199.id::text || '"}') AS o
          FROM api.profitability_snapshot AS t199
          WHERE t199.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
          END
        )
      END,
      'null'
    ),
    'UTF8'
  )
