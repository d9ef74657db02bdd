/* Sealed rows: which row it is, is bound to what is in it. */
#include <assert.h>
#include <stdio.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

/*  0               16              32          36        44         52
 *  | cacah.row.1 00 | store_id      | le32 table | le64 row | le64 version | */
struct str row_ad(const struct store *s, enum table_no table, uint64_t row, uint64_t version,
                  uint8_t ad[ROW_AD_SIZE])
{
    put_tag(ad, "cacah.row.1");
    memcpy(ad + 16, s->identity.store.b, 16);
    put_le32(ad + 32, (uint32_t)table);
    put_le64(ad + 36, row);
    put_le64(ad + 44, version);
    return (struct str){(const char *)ad, ROW_AD_SIZE};
}

void row_seal(const struct store *s, const struct secret *key, enum table_no table, uint64_t row,
              uint64_t version, struct str plain, struct buf *out)
{
    uint8_t ad[ROW_AD_SIZE];
    crypt_seal(key, plain, row_ad(s, table, row, version, ad), out);
    assert(!out->full);
}

const char *row_name(enum table_no table, uint64_t row, char ret[ERR_ARG_MAX])
{
    static const char *const names[] = {
        [TABLE_HEAD] = "head",
        [TABLE_NOTE] = "note",
        [TABLE_SLOT] = "slot",
        [TABLE_CONFIG] = "config",
        [TABLE_FORM] = "form",
        [TABLE_LEDGER] = "ledger",
        [TABLE_DETAIL] = "detail",
        [TABLE_REVISION] = "record",
        [TABLE_SUMMARY] = "summary",
        [TABLE_PART] = "part",
        [TABLE_STATE] = "state",
        [TABLE_DEVICE] = "device",
        [TABLE_SIGNED] = "signed head",
        [TABLE_FACT] = "fact",
        [TABLE_ATTACHMENT] = "attachment",
        [TABLE_CHUNK] = "chunk",
    };
    snprintf(ret, ERR_ARG_MAX, "%s row %llu does not fit", names[table], (unsigned long long)row);
    return ret;
}

bool row_fail(enum table_no table, uint64_t row, struct err *e)
{
    char name[ERR_ARG_MAX];
    return err_fail1(e, ERR_STORE_DAMAGED, row_name(table, row, name));
}

bool row_open(const struct store *s, const struct secret *key, enum table_no table, uint64_t row,
              uint64_t version, struct str sealed, struct buf *out, struct err *e)
{
    uint8_t ad[ROW_AD_SIZE];
    struct err why = {0};
    if (crypt_open(key, sealed, row_ad(s, table, row, version, ad), out, &why))
        return true;
    return row_fail(table, row, e);
}
