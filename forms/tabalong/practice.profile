# How simulated interviews with the six forms go (cacah simulate --profile, cacah practice): respondents
# of Tabalong as they might be, invented throughout. The keys are explained in forms/README.md.
enumerators = 6
a_day       = 8
start       = 2026-03-02
refusal     = 0.01
break_off   = 0.02
whole       = 0
dk          = 0.02
refused     = 0.01
na          = 0.02
mood        = 0.72

# A. Contact
answer.kode_pencacah  = enumerator P001 P002 P003 P004 P005 P006
answer.kode_pengawas  = enumerator W01 W01 W01 W02 W02 W02
answer.kunjungan_ke   = 1:80 2:15 3:5
answer.cara_wawancara = 1:88 2:9 3:3
answer.hasil_kontak   = 1:92 2:3 3:2 4:1 5:1 6:1

# B. Consent
answer.dewasa         = 1:99 2:1
answer.persetujuan    = 1:94 2:6
answer.cara_setuju    = 1:75 2:20 3:5
answer.izin_kontak    = 1:55 2:45
answer.nama_panggilan = text "Sari" "Udin" "Ipah" "Rahman" "Aluh" "Noor" "Fitri" "Yanto" "Diyang" "Hasan"

# C. Services: what code 95 excludes needs no line, the forms' constraints say it
answer.layanan_lain = text "Layanan desa" "Pos layanan keliling" "Layanan kecamatan"

# D. Respondent
answer.kecamatan        = 63.09.01:7 63.09.02:10 63.09.03:8 63.09.04:15 63.09.05:9 63.09.06:20 63.09.07:9 63.09.08:3 63.09.09:3 63.09.10:4 63.09.11:6 63.09.12:6
answer.lokasi_wawancara = 1:62 2:12 3:12 4:8 5:3 6:1 7:2
answer.jenis_kelamin    = 1:48 2:52
answer.umur             = normal 41 13
answer.pendidikan       = 2:30 3:55 4:15 if ${umur} < 22
answer.pendidikan       = 0:6 1:22 2:18 3:33 4:6 5:13 6:2
answer.pekerjaan        = 9:50 4:15 8:20 12:15 if ${umur} < 22
answer.pekerjaan        = 1:8 2:1 3:1 4:16 5:18 6:22 7:2 8:9 10:18 11:3 12:2
answer.pekerjaan_lain   = text "Pengemudi" "Penjahit" "Guru mengaji" "Tukang"
answer.akses_internet   = 1:58 2:18 3:12 4:12

# F. Before and now: most matters got quicker, nearer and cheaper
answer.hari_sblm   = normal 12 6
answer.hari_kini   = normal 4 2
answer.datang_sblm = 1:10 2:35 3:35 4:15 5:5
answer.datang_kini = 0:20 1:55 2:20 3:5
answer.biaya_sblm  = 0:15 20000:15 50000:30 75000:15 100000:20 150000:5
answer.biaya_kini  = 0:35 10000:20 20000:25 50000:15 75000:5
answer.jml_art     = 1:30 2:25 3:20 4:15 5:10

# G and H
answer.saran      = text "Sudah baik, dipertahankan saja." "Antrean jangan terlalu lama." "Informasinya lebih jelas lagi." "Jaringan di desa diperbaiki." "Petugas lebih sering datang ke desa."
answer.kerja_sama = 1:2 2:8 3:55 4:35
answer.pemahaman  = 1:3 2:17 3:55 4:25
answer.orang_lain = 1:55 2:30 3:10 4:5
answer.bahasa     = 1:30 2:60 3:6 4:4
answer.catatan    = blank:9 "Responden sibuk, wawancara sempat terhenti.":1

# I. Outcome, as contact, consent and eligibility have it
answer.hasil_pencacahan = 4 if ${persetujuan} = '2' or ${hasil_kontak} = '3'
answer.hasil_pencacahan = 5 if ${hasil_kontak} = '4'
answer.hasil_pencacahan = 8 if ${hasil_kontak} = '5'
answer.hasil_pencacahan = 3 if ${hasil_kontak} = '2'
answer.hasil_pencacahan = 6 if ${layak} != '1'
answer.hasil_pencacahan = 1:97 2:3
answer.alasan_tak_lengkap = text "Responden harus pergi." "Hujan dan listrik padam."
