"""What a row is in the database, column by column."""


def columns_of(row):
    fresh = type(row).objects.get(pk=row.pk)
    return {
        field.attname: getattr(fresh, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
