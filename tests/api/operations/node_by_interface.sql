SELECT convert_to(
  coalesce(
    CASE
      (SELECT t1.entity FROM api.change t1 WHERE t1.golden_id = $1::uuid ORDER BY t1.version LIMIT 1)
      WHEN 'currency' THEN (
        SELECT '{"__typename":"Currency"}'::text AS o
        FROM api.currency AS t2
        WHERE t2.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'fiscal_calendar' THEN (
        SELECT '{"__typename":"FiscalCalendar"}'::text AS o
        FROM api.fiscal_calendar AS t3
        WHERE t3.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'legal_entity' THEN (
        SELECT '{"__typename":"LegalEntity"}'::text AS o
        FROM api.legal_entity AS t4
        WHERE t4.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'region' THEN (
        SELECT '{"__typename":"Region"}'::text AS o
        FROM api.region AS t5
        WHERE t5.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'regional_policy' THEN (
        SELECT '{"__typename":"RegionalPolicy"}'::text AS o
        FROM api.regional_policy AS t6
        WHERE t6.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'cost_centre' THEN (
        SELECT '{"__typename":"CostCentre"}'::text AS o
        FROM api.cost_centre AS t7
        WHERE t7.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'ledger_account' THEN (
        SELECT '{"__typename":"LedgerAccount"}'::text AS o
        FROM api.ledger_account AS t8
        WHERE t8.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'service_line' THEN (
        SELECT '{"__typename":"ServiceLine"}'::text AS o
        FROM api.service_line AS t9
        WHERE t9.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'service_item' THEN (
        SELECT '{"__typename":"ServiceItem"}'::text AS o
        FROM api.service_item AS t10
        WHERE t10.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'account_map' THEN (
        SELECT '{"__typename":"AccountMap"}'::text AS o
        FROM api.account_map AS t11
        WHERE t11.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'tax_code' THEN (
        SELECT '{"__typename":"TaxCode"}'::text AS o
        FROM api.tax_code AS t12
        WHERE t12.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'tax_rule' THEN (
        SELECT '{"__typename":"TaxRule"}'::text AS o
        FROM api.tax_rule AS t13
        WHERE t13.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'exchange_rate' THEN (
        SELECT '{"__typename":"ExchangeRate"}'::text AS o
        FROM api.exchange_rate AS t14
        WHERE t14.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'accounting_period' THEN (
        SELECT '{"__typename":"AccountingPeriod"}'::text AS o
        FROM api.accounting_period AS t15
        WHERE t15.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'interface_entry' THEN (
        SELECT '{"__typename":"InterfaceEntry"}'::text AS o
        FROM api.interface_entry AS t16
        WHERE t16.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'vendor' THEN (
        SELECT '{"__typename":"Vendor"}'::text AS o
        FROM api.vendor AS t17
        WHERE t17.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'resource' THEN (
        SELECT '{"__typename":"Resource"}'::text AS o
        FROM api.resource AS t18
        WHERE t18.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'client' THEN (
        SELECT '{"__typename":"Client"}'::text AS o
        FROM api.client AS t19
        WHERE t19.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'client_site' THEN (
        SELECT '{"__typename":"ClientSite"}'::text AS o
        FROM api.client_site AS t20
        WHERE t20.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'contact' THEN (
        SELECT '{"__typename":"Contact"}'::text AS o
        FROM api.contact AS t21
        WHERE t21.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'client_relationship' THEN (
        SELECT '{"__typename":"ClientRelationship"}'::text AS o
        FROM api.client_relationship AS t22
        WHERE t22.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_account' THEN (
        SELECT '{"__typename":"BillingAccount"}'::text AS o
        FROM api.billing_account AS t23
        WHERE t23.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'opportunity' THEN (
        SELECT '{"__typename":"Opportunity"}'::text AS o
        FROM api.opportunity AS t24
        WHERE t24.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'contract' THEN (
        SELECT '{"__typename":"Contract"}'::text AS o
        FROM api.contract AS t25
        WHERE t25.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'contract_line' THEN (
        SELECT '{"__typename":"ContractLine"}'::text AS o
        FROM api.contract_line AS t26
        WHERE t26.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'rate_card' THEN (
        SELECT '{"__typename":"RateCard"}'::text AS o
        FROM api.rate_card AS t27
        WHERE t27.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'rate_line' THEN (
        SELECT '{"__typename":"RateLine"}'::text AS o
        FROM api.rate_line AS t28
        WHERE t28.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'client_purchase_order' THEN (
        SELECT '{"__typename":"ClientPurchaseOrder"}'::text AS o
        FROM api.client_purchase_order AS t29
        WHERE t29.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'engagement' THEN (
        SELECT '{"__typename":"Engagement"}'::text AS o
        FROM api.engagement AS t30
        WHERE t30.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'project_template' THEN (
        SELECT '{"__typename":"ProjectTemplate"}'::text AS o
        FROM api.project_template AS t31
        WHERE t31.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'project' THEN (
        SELECT '{"__typename":"Project"}'::text AS o
        FROM api.project AS t32
        WHERE t32.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'project_financials' THEN (
        SELECT '{"__typename":"ProjectFinancials"}'::text AS o
        FROM api.project_financials AS t33
        WHERE t33.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'task' THEN (
        SELECT '{"__typename":"Task"}'::text AS o
        FROM api.task AS t34
        WHERE t34.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'assignment' THEN (
        SELECT '{"__typename":"Assignment"}'::text AS o
        FROM api.assignment AS t35
        WHERE t35.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'contract_threshold' THEN (
        SELECT '{"__typename":"ContractThreshold"}'::text AS o
        FROM api.contract_threshold AS t36
        WHERE t36.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'change_order' THEN (
        SELECT '{"__typename":"ChangeOrder"}'::text AS o
        FROM api.change_order AS t37
        WHERE t37.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'time_entry' THEN (
        SELECT '{"__typename":"TimeEntry"}'::text AS o
        FROM api.time_entry AS t38
        WHERE t38.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'expense_report' THEN (
        SELECT '{"__typename":"ExpenseReport"}'::text AS o
        FROM api.expense_report AS t39
        WHERE t39.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'expense' THEN (
        SELECT '{"__typename":"Expense"}'::text AS o
        FROM api.expense AS t40
        WHERE t40.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'milestone' THEN (
        SELECT '{"__typename":"Milestone"}'::text AS o
        FROM api.milestone AS t41
        WHERE t41.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'purchase_order' THEN (
        SELECT '{"__typename":"PurchaseOrder"}'::text AS o
        FROM api.purchase_order AS t42
        WHERE t42.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'purchase_order_line' THEN (
        SELECT '{"__typename":"PurchaseOrderLine"}'::text AS o
        FROM api.purchase_order_line AS t43
        WHERE t43.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'cost_item' THEN (
        SELECT '{"__typename":"CostItem"}'::text AS o
        FROM api.cost_item AS t44
        WHERE t44.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_schedule' THEN (
        SELECT '{"__typename":"BillingSchedule"}'::text AS o
        FROM api.billing_schedule AS t45
        WHERE t45.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_schedule_line' THEN (
        SELECT '{"__typename":"BillingScheduleLine"}'::text AS o
        FROM api.billing_schedule_line AS t46
        WHERE t46.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_hold' THEN (
        SELECT '{"__typename":"BillingHold"}'::text AS o
        FROM api.billing_hold AS t47
        WHERE t47.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billing_batch' THEN (
        SELECT '{"__typename":"BillingBatch"}'::text AS o
        FROM api.billing_batch AS t48
        WHERE t48.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'billable_item' THEN (
        SELECT '{"__typename":"BillableItem"}'::text AS o
        FROM api.billable_item AS t49
        WHERE t49.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'invoice' THEN (
        SELECT (
          CASE
            WHEN t50.plain_version = t50.version THEN (
              '{"__typename":"Invoice"'
                || coalesce((',"number":"' || t50."number" || '"'), ',"number":null')
                || CASE
                  WHEN t50."gross" IS NOT NULL THEN (
                    ',"gross":{"amount":"'
                      || t50."gross"::text
                      || '"'
                      || coalesce((',"currency":"' || t50."gross_currency" || '"'), ',"currency":null')
                      || '}'
                  )
                  ELSE ',"gross":null'
                END
            )
            ELSE (
              '{"__typename":"Invoice"'
                || coalesce((',"number":' || to_json(t50."number")::text), ',"number":null')
                || CASE
                  WHEN t50."gross" IS NOT NULL THEN (
                    ',"gross":{"amount":"'
                      || t50."gross"::text
                      || '"'
                      || coalesce((',"currency":' || to_json(t50."gross_currency")::text), ',"currency":null')
                      || '}'
                  )
                  ELSE ',"gross":null'
                END
            )
          END
            || '}'
        ) AS o
        FROM api.invoice AS t50
        WHERE t50.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'credit_memo' THEN (
        SELECT (
          CASE
            WHEN t51.plain_version = t51.version THEN (
              '{"__typename":"CreditMemo"'
                || coalesce((',"number":"' || t51."number" || '"'), ',"number":null')
                || CASE
                  WHEN t51."gross" IS NOT NULL THEN (
                    ',"gross":{"amount":"'
                      || t51."gross"::text
                      || '"'
                      || coalesce((',"currency":"' || t51."gross_currency" || '"'), ',"currency":null')
                      || '}'
                  )
                  ELSE ',"gross":null'
                END
                || coalesce((',"reason":"' || t51."reason" || '"'), ',"reason":null')
            )
            ELSE (
              '{"__typename":"CreditMemo"'
                || coalesce((',"number":' || to_json(t51."number")::text), ',"number":null')
                || CASE
                  WHEN t51."gross" IS NOT NULL THEN (
                    ',"gross":{"amount":"'
                      || t51."gross"::text
                      || '"'
                      || coalesce((',"currency":' || to_json(t51."gross_currency")::text), ',"currency":null')
                      || '}'
                  )
                  ELSE ',"gross":null'
                END
                || coalesce((',"reason":' || to_json(t51."reason")::text), ',"reason":null')
            )
          END
            || '}'
        ) AS o
        FROM api.credit_memo AS t51
        WHERE t51.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'invoice_line' THEN (
        SELECT '{"__typename":"InvoiceLine"}'::text AS o
        FROM api.invoice_line AS t52
        WHERE t52.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'payment' THEN (
        SELECT '{"__typename":"Payment"}'::text AS o
        FROM api.payment AS t53
        WHERE t53.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'payment_application' THEN (
        SELECT '{"__typename":"PaymentApplication"}'::text AS o
        FROM api.payment_application AS t54
        WHERE t54.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'collection_case' THEN (
        SELECT '{"__typename":"CollectionCase"}'::text AS o
        FROM api.collection_case AS t55
        WHERE t55.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'posting' THEN (
        SELECT '{"__typename":"Posting"}'::text AS o
        FROM api.posting AS t56
        WHERE t56.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'posting_line' THEN (
        SELECT '{"__typename":"PostingLine"}'::text AS o
        FROM api.posting_line AS t57
        WHERE t57.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'revenue_schedule' THEN (
        SELECT '{"__typename":"RevenueSchedule"}'::text AS o
        FROM api.revenue_schedule AS t58
        WHERE t58.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'revenue_schedule_line' THEN (
        SELECT '{"__typename":"RevenueScheduleLine"}'::text AS o
        FROM api.revenue_schedule_line AS t59
        WHERE t59.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'revenue_event' THEN (
        SELECT '{"__typename":"RevenueEvent"}'::text AS o
        FROM api.revenue_event AS t60
        WHERE t60.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'wip_balance' THEN (
        SELECT '{"__typename":"WipBalance"}'::text AS o
        FROM api.wip_balance AS t61
        WHERE t61.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'forecast' THEN (
        SELECT '{"__typename":"Forecast"}'::text AS o
        FROM api.forecast AS t62
        WHERE t62.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'forecast_line' THEN (
        SELECT '{"__typename":"ForecastLine"}'::text AS o
        FROM api.forecast_line AS t63
        WHERE t63.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'project_actuals' THEN (
        SELECT '{"__typename":"ProjectActuals"}'::text AS o
        FROM api.project_actuals AS t64
        WHERE t64.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'utilisation_snapshot' THEN (
        SELECT '{"__typename":"UtilisationSnapshot"}'::text AS o
        FROM api.utilisation_snapshot AS t65
        WHERE t65.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      )
      WHEN 'profitability_snapshot' THEN (
        SELECT '{"__typename":"ProfitabilitySnapshot"}'::text AS o
        FROM api.profitability_snapshot AS t66
        WHERE t66.id = CASE
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
        (SELECT t67.entity FROM api.change t67 WHERE t67.golden_id = $2::uuid ORDER BY t67.version LIMIT 1)
        WHEN 'currency' THEN (
          SELECT '{"__typename":"Currency"}'::text AS o
          FROM api.currency AS t68
          WHERE t68.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'fiscal_calendar' THEN (
          SELECT '{"__typename":"FiscalCalendar"}'::text AS o
          FROM api.fiscal_calendar AS t69
          WHERE t69.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'legal_entity' THEN (
          SELECT '{"__typename":"LegalEntity"}'::text AS o
          FROM api.legal_entity AS t70
          WHERE t70.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'region' THEN (
          SELECT '{"__typename":"Region"}'::text AS o
          FROM api.region AS t71
          WHERE t71.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'regional_policy' THEN (
          SELECT '{"__typename":"RegionalPolicy"}'::text AS o
          FROM api.regional_policy AS t72
          WHERE t72.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'cost_centre' THEN (
          SELECT '{"__typename":"CostCentre"}'::text AS o
          FROM api.cost_centre AS t73
          WHERE t73.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'ledger_account' THEN (
          SELECT '{"__typename":"LedgerAccount"}'::text AS o
          FROM api.ledger_account AS t74
          WHERE t74.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'service_line' THEN (
          SELECT '{"__typename":"ServiceLine"}'::text AS o
          FROM api.service_line AS t75
          WHERE t75.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'service_item' THEN (
          SELECT '{"__typename":"ServiceItem"}'::text AS o
          FROM api.service_item AS t76
          WHERE t76.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'account_map' THEN (
          SELECT '{"__typename":"AccountMap"}'::text AS o
          FROM api.account_map AS t77
          WHERE t77.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'tax_code' THEN (
          SELECT '{"__typename":"TaxCode"}'::text AS o
          FROM api.tax_code AS t78
          WHERE t78.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'tax_rule' THEN (
          SELECT '{"__typename":"TaxRule"}'::text AS o
          FROM api.tax_rule AS t79
          WHERE t79.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'exchange_rate' THEN (
          SELECT '{"__typename":"ExchangeRate"}'::text AS o
          FROM api.exchange_rate AS t80
          WHERE t80.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'accounting_period' THEN (
          SELECT '{"__typename":"AccountingPeriod"}'::text AS o
          FROM api.accounting_period AS t81
          WHERE t81.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'interface_entry' THEN (
          SELECT '{"__typename":"InterfaceEntry"}'::text AS o
          FROM api.interface_entry AS t82
          WHERE t82.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'vendor' THEN (
          SELECT '{"__typename":"Vendor"}'::text AS o
          FROM api.vendor AS t83
          WHERE t83.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'resource' THEN (
          SELECT '{"__typename":"Resource"}'::text AS o
          FROM api.resource AS t84
          WHERE t84.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'client' THEN (
          SELECT '{"__typename":"Client"}'::text AS o
          FROM api.client AS t85
          WHERE t85.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'client_site' THEN (
          SELECT '{"__typename":"ClientSite"}'::text AS o
          FROM api.client_site AS t86
          WHERE t86.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'contact' THEN (
          SELECT '{"__typename":"Contact"}'::text AS o
          FROM api.contact AS t87
          WHERE t87.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'client_relationship' THEN (
          SELECT '{"__typename":"ClientRelationship"}'::text AS o
          FROM api.client_relationship AS t88
          WHERE t88.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_account' THEN (
          SELECT '{"__typename":"BillingAccount"}'::text AS o
          FROM api.billing_account AS t89
          WHERE t89.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'opportunity' THEN (
          SELECT '{"__typename":"Opportunity"}'::text AS o
          FROM api.opportunity AS t90
          WHERE t90.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'contract' THEN (
          SELECT '{"__typename":"Contract"}'::text AS o
          FROM api.contract AS t91
          WHERE t91.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'contract_line' THEN (
          SELECT '{"__typename":"ContractLine"}'::text AS o
          FROM api.contract_line AS t92
          WHERE t92.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'rate_card' THEN (
          SELECT '{"__typename":"RateCard"}'::text AS o
          FROM api.rate_card AS t93
          WHERE t93.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'rate_line' THEN (
          SELECT '{"__typename":"RateLine"}'::text AS o
          FROM api.rate_line AS t94
          WHERE t94.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'client_purchase_order' THEN (
          SELECT '{"__typename":"ClientPurchaseOrder"}'::text AS o
          FROM api.client_purchase_order AS t95
          WHERE t95.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'engagement' THEN (
          SELECT '{"__typename":"Engagement"}'::text AS o
          FROM api.engagement AS t96
          WHERE t96.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'project_template' THEN (
          SELECT '{"__typename":"ProjectTemplate"}'::text AS o
          FROM api.project_template AS t97
          WHERE t97.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'project' THEN (
          SELECT '{"__typename":"Project"}'::text AS o
          FROM api.project AS t98
          WHERE t98.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'project_financials' THEN (
          SELECT '{"__typename":"ProjectFinancials"}'::text AS o
          FROM api.project_financials AS t99
          WHERE t99.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'task' THEN (
          SELECT '{"__typename":"Task"}'::text AS o
          FROM api.task AS t100
          WHERE t100.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'assignment' THEN (
          SELECT '{"__typename":"Assignment"}'::text AS o
          FROM api.assignment AS t101
          WHERE t101.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'contract_threshold' THEN (
          SELECT '{"__typename":"ContractThreshold"}'::text AS o
          FROM api.contract_threshold AS t102
          WHERE t102.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'change_order' THEN (
          SELECT '{"__typename":"ChangeOrder"}'::text AS o
          FROM api.change_order AS t103
          WHERE t103.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'time_entry' THEN (
          SELECT '{"__typename":"TimeEntry"}'::text AS o
          FROM api.time_entry AS t104
          WHERE t104.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'expense_report' THEN (
          SELECT '{"__typename":"ExpenseReport"}'::text AS o
          FROM api.expense_report AS t105
          WHERE t105.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'expense' THEN (
          SELECT '{"__typename":"Expense"}'::text AS o
          FROM api.expense AS t106
          WHERE t106.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'milestone' THEN (
          SELECT '{"__typename":"Milestone"}'::text AS o
          FROM api.milestone AS t107
          WHERE t107.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'purchase_order' THEN (
          SELECT '{"__typename":"PurchaseOrder"}'::text AS o
          FROM api.purchase_order AS t108
          WHERE t108.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'purchase_order_line' THEN (
          SELECT '{"__typename":"PurchaseOrderLine"}'::text AS o
          FROM api.purchase_order_line AS t109
          WHERE t109.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'cost_item' THEN (
          SELECT '{"__typename":"CostItem"}'::text AS o
          FROM api.cost_item AS t110
          WHERE t110.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_schedule' THEN (
          SELECT '{"__typename":"BillingSchedule"}'::text AS o
          FROM api.billing_schedule AS t111
          WHERE t111.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_schedule_line' THEN (
          SELECT '{"__typename":"BillingScheduleLine"}'::text AS o
          FROM api.billing_schedule_line AS t112
          WHERE t112.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_hold' THEN (
          SELECT '{"__typename":"BillingHold"}'::text AS o
          FROM api.billing_hold AS t113
          WHERE t113.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billing_batch' THEN (
          SELECT '{"__typename":"BillingBatch"}'::text AS o
          FROM api.billing_batch AS t114
          WHERE t114.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'billable_item' THEN (
          SELECT '{"__typename":"BillableItem"}'::text AS o
          FROM api.billable_item AS t115
          WHERE t115.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'invoice' THEN (
          SELECT (
            CASE
              WHEN t116.plain_version = t116.version THEN (
                '{"__typename":"Invoice"'
                  || coalesce((',"number":"' || t116."number" || '"'), ',"number":null')
                  || CASE
                    WHEN t116."gross" IS NOT NULL THEN (
                      ',"gross":{"amount":"'
                        || t116."gross"::text
                        || '"'
                        || coalesce((',"currency":"' || t116."gross_currency" || '"'), ',"currency":null')
                        || '}'
                    )
                    ELSE ',"gross":null'
                  END
              )
              ELSE (
                '{"__typename":"Invoice"'
                  || coalesce((',"number":' || to_json(t116."number")::text), ',"number":null')
                  || CASE
                    WHEN t116."gross" IS NOT NULL THEN (
                      ',"gross":{"amount":"'
                        || t116."gross"::text
                        || '"'
                        || coalesce((',"currency":' || to_json(t116."gross_currency")::text), ',"currency":null')
                        || '}'
                    )
                    ELSE ',"gross":null'
                  END
              )
            END
              || '}'
          ) AS o
          FROM api.invoice AS t116
          WHERE t116.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'credit_memo' THEN (
          SELECT (
            CASE
              WHEN t117.plain_version = t117.version THEN (
                '{"__typename":"CreditMemo"'
                  || coalesce((',"number":"' || t117."number" || '"'), ',"number":null')
                  || CASE
                    WHEN t117."gross" IS NOT NULL THEN (
                      ',"gross":{"amount":"'
                        || t117."gross"::text
                        || '"'
                        || coalesce((',"currency":"' || t117."gross_currency" || '"'), ',"currency":null')
                        || '}'
                    )
                    ELSE ',"gross":null'
                  END
                  || coalesce((',"reason":"' || t117."reason" || '"'), ',"reason":null')
              )
              ELSE (
                '{"__typename":"CreditMemo"'
                  || coalesce((',"number":' || to_json(t117."number")::text), ',"number":null')
                  || CASE
                    WHEN t117."gross" IS NOT NULL THEN (
                      ',"gross":{"amount":"'
                        || t117."gross"::text
                        || '"'
                        || coalesce((',"currency":' || to_json(t117."gross_currency")::text), ',"currency":null')
                        || '}'
                    )
                    ELSE ',"gross":null'
                  END
                  || coalesce((',"reason":' || to_json(t117."reason")::text), ',"reason":null')
              )
            END
              || '}'
          ) AS o
          FROM api.credit_memo AS t117
          WHERE t117.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'invoice_line' THEN (
          SELECT '{"__typename":"InvoiceLine"}'::text AS o
          FROM api.invoice_line AS t118
          WHERE t118.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'payment' THEN (
          SELECT '{"__typename":"Payment"}'::text AS o
          FROM api.payment AS t119
          WHERE t119.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'payment_application' THEN (
          SELECT '{"__typename":"PaymentApplication"}'::text AS o
          FROM api.payment_application AS t120
          WHERE t120.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'collection_case' THEN (
          SELECT '{"__typename":"CollectionCase"}'::text AS o
          FROM api.collection_case AS t121
          WHERE t121.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'posting' THEN (
          SELECT '{"__typename":"Posting"}'::text AS o
          FROM api.posting AS t122
          WHERE t122.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'posting_line' THEN (
          SELECT '{"__typename":"PostingLine"}'::text AS o
          FROM api.posting_line AS t123
          WHERE t123.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'revenue_schedule' THEN (
          SELECT '{"__typename":"RevenueSchedule"}'::text AS o
          FROM api.revenue_schedule AS t124
          WHERE t124.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'revenue_schedule_line' THEN (
          SELECT '{"__typename":"RevenueScheduleLine"}'::text AS o
          FROM api.revenue_schedule_line AS t125
          WHERE t125.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'revenue_event' THEN (
          SELECT '{"__typename":"RevenueEvent"}'::text AS o
          FROM api.revenue_event AS t126
          WHERE t126.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'wip_balance' THEN (
          SELECT '{"__typename":"WipBalance"}'::text AS o
          FROM api.wip_balance AS t127
          WHERE t127.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'forecast' THEN (
          SELECT '{"__typename":"Forecast"}'::text AS o
          FROM api.forecast AS t128
          WHERE t128.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'forecast_line' THEN (
          SELECT '{"__typename":"ForecastLine"}'::text AS o
          FROM api.forecast_line AS t129
          WHERE t129.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'project_actuals' THEN (
          SELECT '{"__typename":"ProjectActuals"}'::text AS o
          FROM api.project_actuals AS t130
          WHERE t130.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'utilisation_snapshot' THEN (
          SELECT '{"__typename":"UtilisationSnapshot"}'::text AS o
          FROM api.utilisation_snapshot AS t131
          WHERE t131.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
        WHEN 'profitability_snapshot' THEN (
          SELECT '{"__typename":"ProfitabilitySnapshot"}'::text AS o
          FROM api.profitability_snapshot AS t132
          WHERE t132.id = CASE
            WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
          END
        )
      END,
      'null'
    ),
    'UTF8'
  )
