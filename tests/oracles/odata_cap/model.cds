using { managed } from '@sap/cds/common';

service little @(path: '/odata/v4/little', requires: 'any') {
  entity Firms {
    key ID : UUID;
    Name : String(40) not null;
    OurKey : String(40);
    Founded : Date;
    ChangedAt : Timestamp @cds.on.insert: $now @cds.on.update: $now;
    Tag : Timestamp @odata.etag @cds.on.insert: $now @cds.on.update: $now;
    CreditLimit : Decimal(15, 2);
    Number : Integer64;
    IsOpen : Boolean default true;
    Parent : Association to Firms;
    Lines : Composition of many Lines on Lines.Firm = $self;
  }
  entity Lines {
    key Document : String(20);
    key Line : Integer;
    Text : String(40);
    Firm : Association to Firms;
  }
}
