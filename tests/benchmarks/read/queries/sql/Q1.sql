-- One client by id, 12 scalars.
SELECT json_build_object('data', json_build_object('client', json_build_object(
           'name', name, 'legalName', legal_name, 'kind', kind, 'registrationNo', registration_no, 'duns', duns, 'street', street,
           'city', city, 'postcode', postcode, 'country', country, 'email', email, 'state', state, 'updatedAt', updated_at)))::text
  FROM golden.client
 WHERE tenant_id = $1 AND id = $2
