#!/bin/sh
# image_root.sh FOLDER PROGRAM…: makes the file system of an image that can run these programs and
# nothing else: the programs, the libraries that they load, time zones, certificate authorities,
# and the names of a user without rights.
set -eu
folder=$1
shift

mkdir -p "$folder/usr/bin" "$folder/usr/lib/ssl" "$folder/usr/share" \
  "$folder/etc/ssl/certs" "$folder/etc/bantam/icps"
for program; do
  cp "$program" "$folder/usr/bin/"
  strip "$folder/usr/bin/$(basename "$program")"
done

# ldd prints "name => /path (address)", and for the loader "/path (address)".
for program; do ldd "$program"; done >"$folder/libraries"
if grep 'not found' "$folder/libraries"; then
  echo "image_root.sh: these libraries are missing" >&2
  exit 1
fi
grep -o '/[^ ]*' "$folder/libraries" | sort -u | while read -r library; do
  mkdir -p "$folder$(dirname "$library")"
  cp -L "$library" "$folder$library"
done
rm "$folder/libraries"

cp -R /usr/share/zoneinfo "$folder/usr/share/"
rm -rf "$folder/usr/share/zoneinfo/right" "$folder/usr/share/zoneinfo/posix"
# gRPC and libpq look at the first name, OpenSSL at the second.
cp /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/"
ln -s /etc/ssl/certs/ca-certificates.crt "$folder/usr/lib/ssl/cert.pem"
echo 'bantam:x:65532:65532:bantam:/:/nonexistent' >"$folder/etc/passwd"
echo 'bantam:x:65532:' >"$folder/etc/group"
echo 'hosts: files dns' >"$folder/etc/nsswitch.conf"
