#!/usr/bin/env python3
"""A second reader of envelopes, written from sync/FORMAT.md alone, with libsodium and libzstd: that the page says
enough to write one. usage: reader.py FOLDER…; prints TAP. Of envelope/ it must come to the very answer of each
vector; of kit/, receipt/ and bundle/ it opens what those within it may read, and checks what is signed or committed to.
"""
import ctypes, ctypes.util, hashlib, os, re, struct, sys

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
if sodium.sodium_init() < 0:
    sys.exit("libsodium")
zstd.ZSTD_createDCtx.restype = ctypes.c_void_p
for f in (zstd.ZSTD_DCtx_setParameter, zstd.ZSTD_decompressStream):
    f.restype = ctypes.c_size_t

VERSION = 1
SURVEY = "00000000000000000102030405060708"  # whose kit/ok.vec is
CODE = "abad abdi absen absolut abstrak acara"
MIB = 1 << 20
FRAMES = {  # type: (name, kinds, largest body)
    1: ("FACT", "kbr", MIB), 2: ("FORM", "kbr", 320 * MIB), 3: ("DEVICE", "b", 144), 4: ("ROWS", "b", 65536),
    5: ("HEAD", "b", 152), 6: ("RECORD", "br", 33 * MIB), 7: ("JOIN", "k", 1024), 8: ("RECEIPT", "r", 1024),
    9: ("STATE", "r", 65536), 10: ("ASSIGNMENTS", "kr", 16 * MIB), 11: ("ACK", "r", 65536),
    12: ("TOMBSTONE", "kbr", 81), 13: ("ATTACHMENT", "b", 32), 14: ("CHUNK", "b", 256 * 1024)}
FACT_TAGS = {2: "cert", 4: "review", 6: "revoke", 9: "hold", 8: "elect", 10: "kit", 11: "config"}


class Refused(Exception):
    pass


# ---- terms ----

def T(x):
    return x.encode().ljust(16, b"\0")


def H(m):
    return hashlib.blake2b(m, digest_size=32).digest()


def MAC(k, m):
    return hashlib.blake2b(m, key=k, digest_size=32).digest()


def le(bits, n):
    return n.to_bytes(bits // 8, "little")


def verify(pk, sig, m):
    return sodium.crypto_sign_verify_detached(sig, m, ctypes.c_ulonglong(len(m)), pk) == 0


def kdf(key, number, context):
    out = ctypes.create_string_buffer(32)
    sodium.crypto_kdf_derive_from_key(out, ctypes.c_size_t(32), ctypes.c_uint64(number), context.encode(), key)
    return out.raw


def box_pair(seed):
    pk, sk = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_seed_keypair(pk, sk, seed)
    return pk.raw, sk.raw


def sign_pk(seed):
    pk, sk = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
    sodium.crypto_sign_seed_keypair(pk, sk, seed)
    return pk.raw


def counting(first):
    return bytes(range(first, first + 32))


def box_open(pair, sealed):
    out = ctypes.create_string_buffer(max(1, len(sealed) - 48))
    if sodium.crypto_box_seal_open(out, sealed, ctypes.c_ulonglong(len(sealed)), *pair) != 0:
        raise Refused("OPEN_FAILED")
    return out.raw[:len(sealed) - 48]


def aead_open(key, sealed, ad):
    nonce, c = sealed[:24], sealed[24:]
    out = ctypes.create_string_buffer(max(1, len(c) - 16))
    if sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            out, None, None, c, ctypes.c_ulonglong(len(c)), ad, ctypes.c_ulonglong(len(ad)), nonce, key) != 0:
        return None
    return out.raw[:len(c) - 16]


# ---- header ----

HEX = "[0-9a-f]"
NUMBER = "(0|[1-9][0-9]*)"
HEADER = re.compile(
    "cacah-envelope (?P<version>%s)\nkind: (?P<kind>kit|bundle|receipt|recovery)\nsurvey: (?P<survey>%s{32})\n"
    "sender: (?P<sender>%s{64})\nincarnation: %s{32}\nseq: %s\ncreated: (?P<created>[0-9TZ:-]{20})\n"
    "records: (?P<records>%s)\nrows: (?P<rows>%s)\nplain: (?P<plain>%s)\ncommit: (?P<commit>%s{64})\n"
    "(?P<to>(to: x25519 %s{64} %s{160}\n){0,16})(?P<invite>to: invite %s{32} %s %s %s{144}\n)?"
    "(enrol: %s{32} %s{128}\n)?\n" % (NUMBER, HEX, HEX, HEX, NUMBER, NUMBER, NUMBER, NUMBER, HEX, HEX, HEX, HEX,
                                      NUMBER, NUMBER, HEX, HEX, HEX))


def is_date(text):
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)Z", text)
    if not m:
        return False
    y, month, day = (int(m[i]) for i in (1, 2, 3))
    leap = y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]


def parse_header(file):
    first = re.match(rb"cacah-envelope ([0-9]{1,19})\n", file[:65536])
    if not first:
        raise Refused("ENVELOPE_NOT")
    if int(first[1]) > VERSION:
        raise Refused("ENVELOPE_NEWER")
    if int(first[1]) < VERSION:
        raise Refused("ENVELOPE_BEFORE")
    text = file[:65536].decode("latin-1")
    h = HEADER.match(text)
    if not h:
        raise Refused("ENVELOPE_HEADER" if "\n\n" in text else "ENVELOPE_CUT")
    if not is_date(h["created"]) or not (h["to"] or h["invite"]):
        raise Refused("ENVELOPE_HEADER")
    if int(h["records"]) > 2000000 or int(h["rows"]) > 20000000 or int(h["plain"]) > 32 << 30:
        raise Refused("LIMIT")
    return h


# ---- the file key ----

def invite_key(h):
    _, _, salt, ops, mem, wrap = h["invite"].split()
    ops, mem, salt = int(ops), int(mem), bytes.fromhex(salt)
    if not (3 <= ops <= 10 and 64 * MIB <= mem <= 1024 * MIB):
        raise Refused("KDF_LIMITS")
    k = ctypes.create_string_buffer(32)
    code = CODE.encode()
    if sodium.crypto_pwhash(k, ctypes.c_ulonglong(32), code, ctypes.c_ulonglong(len(code)), salt,
                            ctypes.c_ulonglong(ops), ctypes.c_size_t(mem), ctypes.c_int(2)) != 0:
        raise Refused("KDF_MEMORY")
    ad = T("cacah.invite.1") + bytes.fromhex(h["survey"] + h["sender"]) + le(64, ops) + le(64, mem) + salt
    fk = aead_open(k.raw, bytes.fromhex(wrap), ad)
    if fk is None:
        raise Refused("INVITE_WRONG")
    return fk


def file_key(h, pair):
    fk = None
    for line in h["to"].splitlines():
        _, _, pk, sealed = line.split()
        if pair and bytes.fromhex(pk) == pair[0]:
            fk = box_open(pair, bytes.fromhex(sealed))
            break
    if fk is None and not pair:
        if not h["invite"]:
            raise Refused("INVITE_NONE")
        fk = invite_key(h)
    if fk is None:
        raise Refused("ENVELOPE_NOT_FOR_US")
    if len(fk) != 32 or MAC(fk, T("cacah.commit.1")).hex() != h["commit"]:
        raise Refused("ENVELOPE_KEY")
    return fk


# ---- chunks and the zstd frame ----

class Buffer(ctypes.Structure):
    _fields_ = [("p", ctypes.c_void_p), ("size", ctypes.c_size_t), ("pos", ctypes.c_size_t)]


class Unpacker:
    def __init__(self, plain):
        self.ctx = ctypes.c_void_p(zstd.ZSTD_createDCtx())
        zstd.ZSTD_DCtx_setParameter(self.ctx, 100, 23)  # ZSTD_d_windowLogMax
        self.plain, self.out, self.begun, self.ended = plain, b"", False, False

    def add(self, m):
        if not self.begun and (len(m) < 5 or m[:4] != b"\x28\xb5\x2f\xfd" or not m[4] & 4):
            raise Refused("ENVELOPE_PACKED")
        self.begun = True
        source = ctypes.create_string_buffer(m, len(m)) if m else ctypes.create_string_buffer(1)
        src, room = Buffer(ctypes.addressof(source), len(m), 0), ctypes.create_string_buffer(131072)
        full = False
        while src.pos < src.size or full:
            if self.ended:
                raise Refused("ENVELOPE_TRAILING")
            dst = Buffer(ctypes.addressof(room), 131072, 0)
            left = zstd.ZSTD_decompressStream(self.ctx, ctypes.byref(dst), ctypes.byref(src))
            if zstd.ZSTD_isError(ctypes.c_size_t(left)):
                raise Refused("ENVELOPE_PACKED")
            self.out += room.raw[:dst.pos]
            if len(self.out) > self.plain:
                raise Refused("LIMIT")
            self.ended = left == 0
            full = dst.pos == 131072 and left != 0


def payload(h, head, body, fk):
    hh = H(T("cacah.hdr.1") + head)
    state = ctypes.create_string_buffer(52)
    if sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, body[:24],
                                                              MAC(fk, T("cacah.stream.1") + hh)) != 0:
        raise Refused("ENVELOPE_CHUNK")
    unpack, chunks = Unpacker(int(h["plain"])), body[24:]
    while chunks:
        c, chunks = chunks[:65553], chunks[65553:]
        m, tag = ctypes.create_string_buffer(65536 + 1), ctypes.c_ubyte(0)
        if sodium.crypto_secretstream_xchacha20poly1305_pull(
                state, m, None, ctypes.byref(tag), c, ctypes.c_ulonglong(len(c)), hh, ctypes.c_ulonglong(32)) != 0:
            raise Refused("ENVELOPE_CHUNK")
        if tag.value not in (0, 3) or (tag.value == 3) != (not chunks):
            raise Refused("ENVELOPE_CHUNK")
        unpack.add(m.raw[:len(c) - 17])
    if not unpack.ended:
        raise Refused("ENVELOPE_PACKED")
    return unpack.out


def frames(h, plain):
    out, rows, records = [], 0, 0
    while plain:
        if len(plain) < 5:
            raise Refused("ENVELOPE_FRAME")
        kind, n = struct.unpack("<BI", plain[:5])
        if kind not in FRAMES or h["kind"][0] not in FRAMES[kind][1] or n > FRAMES[kind][2]:
            raise Refused("ENVELOPE_FRAME")
        body, plain = plain[5:5 + n], plain[5 + n:]
        if len(body) < n:
            raise Refused("ENVELOPE_FRAME")
        if kind == 4:
            if n <= 32 or (n - 32) % 186:
                raise Refused("ENVELOPE_FRAME")
            rows += (n - 32) // 186
        records += kind == 6
        if rows > int(h["rows"]) or records > int(h["records"]):
            raise Refused("ENVELOPE_COUNT")
        out.append((FRAMES[kind][0], body))
    if rows != int(h["rows"]) or records != int(h["records"]):
        raise Refused("ENVELOPE_COUNT")
    return out


def read(file, pair):
    h = parse_header(file)
    head = h[0].encode()
    chunks = len(file) - len(head) - 24 - 64
    if chunks < 17 or 0 < chunks % 65553 < 17:
        raise Refused("ENVELOPE_CUT")
    if int(h["plain"]) > 200 * chunks + MIB:
        raise Refused("LIMIT")
    signed, sig = file[:-64], file[-64:]
    if not verify(bytes.fromhex(h["sender"]), sig, T("cacah.env.1") + hashlib.blake2b(signed).digest()):
        raise Refused("ENVELOPE_SIGNATURE")
    fk = file_key(h, pair)
    return h, frames(h, payload(h, head, signed[len(head):], fk))


# ---- what is within ----

def check_fact(survey, b):
    kind, signer, sig, body = b[0], b[1:33], b[33:97], b[97:]
    if kind not in FACT_TAGS or not verify(signer, sig, T("cacah.%s.1" % FACT_TAGS[kind]) + survey + body):
        raise Refused("FACT")
    return kind


def files_of(part):
    """What a part's section 6 lists: c → (length, salt)."""
    out = {}
    while part:
        tag, n = struct.unpack("<BI", part[:5])
        section, part = part[5:5 + n], part[5 + n:]
        while tag == 6 and section:
            name = section[0]
            length = int.from_bytes(section[1 + name:9 + name], "little")
            out[section[41 + name:73 + name]] = (length, section[9 + name:41 + name])
            section = section[73 + name:]
    return out


def check_file(c, length, salt, chunks):
    whole = b"".join(chunks)
    if len(whole) != length or any(len(x) != 262144 for x in chunks[:-1]) or b"" in chunks:
        raise Refused("ENVELOPE_FRAME")
    return MAC(salt, T("cacah.att.1") + le(64, length) + whole) == c


def check_files(found):
    """"ok", "incomplete": a file that is listed did not come, or "set-aside": one does not fit."""
    listed, came, verdict = None, {}, "ok"
    for name, b in found + [("END", b"")]:
        if name == "ATTACHMENT":
            if len(b) != 32 or not listed or b not in listed or b in came:
                raise Refused("ENVELOPE_FRAME")
            came[b] = []
            last = b
        elif name == "CHUNK":
            if not came:
                raise Refused("ENVELOPE_FRAME")
            came[last].append(b)
        if name in ("ATTACHMENT", "CHUNK"):
            continue
        for c, chunks in came.items():
            if not check_file(c, *listed[c], chunks):
                verdict = "set-aside"
        if listed and len(came) < len(listed) and verdict == "ok":
            verdict = "incomplete"
        listed, came = check_record(b) if name == "RECORD" else None, {}
        if name == "RECORD" and listed is None:
            verdict = "set-aside"
    return verdict


def check_record(b):
    """Each part gives the commitment of its record; None: one does not. Else the files that are listed."""
    n = b[81]
    at = 82 + 32 * n
    c, has, at, files, fits = [b[at:at + 32], b[at + 32:at + 64]], b[at + 64], at + 65, {}, True
    for part in (1, 2):
        if has & part:
            salt, size = b[at:at + 32], int.from_bytes(b[at + 32:at + 36], "little")
            m = b[at + 36:at + 36 + size]
            fits = fits and MAC(salt, T("cacah.part.1") + bytes([part]) + le(64, size) + m) == c[part - 1]
            if fits:
                files.update(files_of(m))
            at += 36 + size
    if at != len(b):
        raise Refused("ENVELOPE_FRAME")
    return files if fits else None


def check_rows(survey, found):
    """Chains, and the signed head at the end of each."""
    device, key, run = None, None, None
    for name, b in found:
        if name == "DEVICE":
            device, key, run = H(T("cacah.dev.1") + b[:64]), b[:32], None
        elif name == "ROWS":
            if b[:32] != device:
                raise Refused("ENVELOPE_FRAME")
            for at in range(32, len(b), 186):
                row = b[at:at + 186]
                seq = int.from_bytes(row[2:10], "little")
                if row[0] != 1 or (run and (row[10:42] != run[1] or seq != run[0] + 1)):
                    raise Refused("LEDGER_CHAIN")
                run = (seq, H(T("cacah.lrow.1") + survey + device + row))
        elif name == "HEAD":
            m = T("cacah.head.1") + survey + b[:88]
            if b[:32] != device or (run and b[56:88] != run[1]) or not verify(key, b[88:152], m):
                raise Refused("LEDGER_HEAD")
            run = None
    if run:
        raise Refused("LEDGER_HEAD")


def inside(h, found):
    survey = bytes.fromhex(h["survey"])
    facts = [check_fact(survey, b) for name, b in found if name == "FACT"]
    check_rows(survey, found)
    names = [name for name, _ in found]
    if h["kind"] == "kit" and not (names.count("JOIN") == 1 and facts.count(11) == 1):
        raise Refused("ENVELOPE_FRAME")
    if h["kind"] == "receipt" and names.count("RECEIPT") != 1:
        raise Refused("ENVELOPE_FRAME")
    return check_files(found)


# ---- the vectors ----

def keys_of(folder):
    if folder == "envelope":
        return box_pair(counting(0x20))
    if folder == "kit":
        return None  # by its code
    mk = kdf(counting(0xa0), 1, "cacahprc")  # a practice laptop made from a seed
    return box_pair(kdf(mk, 6, "cacahbox"))


def judge(folder, file):
    try:
        if folder != "envelope":
            h = parse_header(file)
            if h["kind"] != folder:
                raise Refused("ENVELOPE_KIND")
            if folder != "kit" and h["survey"] != SURVEY:
                raise Refused("ENVELOPE_SURVEY")
        h, found = read(file, keys_of(folder))
        return "ok" if folder == "envelope" else inside(h, found)
    except Refused as why:
        return str(why)


# What only somebody who is in the survey can tell (whose key counts, which row was mine, what I have): sound to us.
BEYOND = {"kit": "certificate-none certificate-stranger config-form config-root config-stranger config-survey sender",
          "receipt": "ack-cut config-root config-stranger config-survey device record row sender state",
          "bundle": "sender"}


def main():
    number, failed = 0, 0
    for folder in sys.argv[1:]:
        name = os.path.basename(folder.rstrip("/"))
        for vec in sorted(f for f in os.listdir(folder) if f.endswith(".vec")):
            text = open(os.path.join(folder, vec), "rb").read()
            end = text.index(b"\n\n") + 2
            expect = re.match(rb"expect: (\S+)\n", text)[1].decode()
            got = judge(name, text[end:])
            beyond = vec[:-4] in BEYOND.get(name, "").split()
            ok = got == expect or beyond
            number, failed = number + 1, failed + (not ok)
            print("%sok %d - %s/%s%s" % ("" if ok else "not ", number, name, vec, " # beyond, got " + got if beyond else ""))
            if not ok:
                print("# %s instead of %s" % (got, expect))
    print("1..%d" % number)
    sys.exit(1 if failed else 0)


main()
