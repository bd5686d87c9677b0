"""Microsoft Dynamics 365 on Dataverse: Sales and Project Operations, by the Web API."""
