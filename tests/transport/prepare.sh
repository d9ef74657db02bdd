#!/bin/sh
# What the two servers of the transport tests need, in DIR: keys, certificates, configurations, accounts.
# usage: prepare.sh DIR USER UID GID SSH_PORT OTHER_SSH_PORT HTTP_PORT HTTPS_PORT
# Exits 77 and says what is missing where a server cannot be had.
set -eu
dir=$1 user=$2 uid=$3 gid=$4 ssh=$5 other=$6 http=$7 https=$8

lacks() {
    echo "$1 is not installed (Debian: $2)"
    exit 77
}
first() { # the first of the files that is there
    for f in "$@"; do
        [ -e "$f" ] && { echo "$f"; return; }
    done
}
sshd=$(first /usr/sbin/sshd) nginx=$(first /usr/sbin/nginx)
sftp=$(first /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server)
dav=$(first /usr/lib/nginx/modules/ngx_http_dav_ext_module.so)
wrapper=$(first /usr/lib/*/libnss_wrapper.so /usr/lib64/libnss_wrapper.so)
[ -n "$sshd" ] && [ -n "$sftp" ] || lacks sshd openssh-server
[ -n "$nginx" ] || lacks nginx nginx
[ -n "$dav" ] || lacks "nginx's WebDAV" libnginx-mod-http-dav-ext
[ -n "$wrapper" ] || lacks nss_wrapper libnss-wrapper
command -v openssl >/dev/null || lacks openssl openssl
cd "$dir"
mkdir home root root/survei tmp sftp

# accounts as the servers see them: one user, whose password nobody's system knows
echo "$user:x:$uid:$gid::$dir/home:/bin/sh" >passwd
echo "sshd:x:$((uid + 1)):$gid::/:/usr/sbin/nologin" >>passwd
echo "group:x:$gid:" >group
echo "$user:$(openssl passwd -6 rahasia):19000:0:99999:7:::" >shadow
echo "$user:$(openssl passwd -apr1 rahasia)" >users

for key in host:ed25519 host2:ed25519 host3:ecdsa user:ed25519; do
    ssh-keygen -q -t "${key#*:}" -N '' -f "${key%:*}"
done
ssh-keygen -q -t ed25519 -N 'frasa kunci' -f locked
cat user.pub locked.pub >authorized
for n in 1 2 3; do
    case $n in
    1) port=$ssh key=host ;;
    2) port=$other key=host2 ;;
    3) port=$other key=host3 ;;
    esac
    cat >"sshd$n.conf" <<EOF
Port $port
ListenAddress 127.0.0.1
HostKey $dir/$key
PidFile none
AuthorizedKeysFile $dir/authorized
StrictModes no
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
MaxStartups 100
Subsystem sftp $sftp
EOF
done

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout tls.key -out tls.pem \
    -days 30 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 2>/dev/null
openssl x509 -in tls.pem -pubkey -noout | openssl pkey -pubin -outform der |
    openssl dgst -sha256 -binary | openssl base64 | tr -d '\n' >tls.pin
cat >nginx.conf <<EOF
load_module $dav;
daemon off;
master_process off;
pid $dir/nginx.pid;
error_log stderr crit;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $dir/tmp;
    proxy_temp_path $dir/tmp;
    fastcgi_temp_path $dir/tmp;
    uwsgi_temp_path $dir/tmp;
    scgi_temp_path $dir/tmp;
    client_max_body_size 0;
    server {
        listen 127.0.0.1:$http;
        listen 127.0.0.1:$https ssl;
        ssl_certificate $dir/tls.pem;
        ssl_certificate_key $dir/tls.key;
        root $dir/root;
        auth_basic survei;
        auth_basic_user_file $dir/users;
        location /pindah/ { return 307 http://127.0.0.1:$http/survei/; }
        location / {
            dav_methods PUT DELETE MKCOL COPY MOVE;
            dav_ext_methods PROPFIND OPTIONS;
        }
    }
}
EOF
echo "$wrapper" >wrapper
