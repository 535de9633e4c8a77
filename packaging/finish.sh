#!/usr/bin/env bash
# finish.sh puts what goreleaser left in dist, and what it cannot make, into dist/release:
# exactly the files of a release, with their sums.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(git describe --tags --exact-match)
mkdir dist/release
cp dist/*.tar.gz dist/*.zip dist/*.deb dist/*.rpm dist/*.apk dist/*.cdx.json dist/release
cp dist/homebrew/Casks/gosteady.rb dist/scoop/gosteady.json dist/winget/manifests/*/*/*/*/*.yaml dist/release
cp install.sh dist/release
# goreleaser writes the day of the build, which is another one when it is repeated.
day=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%d --format=%cd)
sed -i "s/^ReleaseDate: .*/ReleaseDate: \"$day\"/" dist/release/*.installer.yaml
# It lists what it built in the order in which that was done. arm64 stands before x64.
for manifest in dist/release/*.installer.yaml; do
	awk '
		/^  - Architecture: / { arch = $3; inside = 1 }
		/^[A-Z]/ && inside { printf "%s%s", of["arm64"], of["x64"]; inside = 0 }
		inside { of[arch] = of[arch] $0 "\n"; next }
		{ print }
	' "$manifest" >dist/ordered
	mv dist/ordered "$manifest"
done
go run ./packaging/image -version "$version" -revision "$(git rev-parse HEAD)" -time "$(git log -1 --format=%ct)" \
	-o "dist/release/gosteady_${version#v}_image.oci.tar" \
	amd64=dist/gosteady_linux_amd64_v1/gosteady arm64=dist/gosteady_linux_arm64_v8.0/gosteady
(cd dist/release && sha256sum -- * >../sums && mv ../sums checksums.txt)
