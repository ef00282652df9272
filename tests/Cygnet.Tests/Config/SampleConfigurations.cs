// The two gateways of a laboratory: every kind of conn that strongSwan's users write.
namespace Cygnet.Tests.Config;

static class SampleConfigurations
{
    public const string Moon = """
        config setup
        	uniqueids=yes
        	charondebug="ike 1, knl 1, cfg 1"

        ca lab
        	cacert=ca.pem
        	crluri=http://192.168.0.9:8881/ca.crl
        	ocspuri=http://192.168.0.9:8880
        	auto=add

        conn %default
        	keyexchange=ikev2
        	ike=aes128-sha256-modp2048,aes256gcm16-prfsha384-ecp384!
        	esp=aes128gcm16,aes256-sha256!
        	ikelifetime=60m
        	keylife=20m
        	rekeymargin=3m
        	keyingtries=1
        	mobike=no
        	left=192.168.0.1
        	right=192.168.0.2

        conn net-net
        	leftid=@moon.strongswan.org
        	rightid=@sun.strongswan.org
        	leftsubnet=10.1.0.0/24
        	rightsubnet=10.2.0.0/24
        	authby=secret
        	auto=add

        conn second-child
        	also=net-net
        	leftsubnet=10.1.9.0/24
        	rightsubnet=10.2.9.0/24

        conn rsa
        	leftcert=moon-rsa.pem
        	rightid="C=CH, O=strongSwan Lab, OU=rsa, CN=sun.strongswan.org"
        	leftsubnet=10.1.1.0/24
        	rightsubnet=10.2.1.0/24
        	dpdaction=restart
        	dpddelay=30s
        	auto=add

        conn ecdsa
        	leftcert=moon-ecdsa.pem
        	rightid="C=CH, O=strongSwan Lab, OU=ecdsa, CN=sun.strongswan.org"
        	leftsubnet=10.1.2.0/24
        	rightsubnet=10.2.2.0/24
        	rekey=no
        	auto=add

        conn ed25519
        	leftcert=moon-ed25519.pem
        	rightid="C=CH, O=strongSwan Lab, OU=ed25519, CN=sun.strongswan.org"
        	leftsubnet=10.1.3.0/24
        	rightsubnet=10.2.3.0/24
        	reauth=no
        	compress=yes
        	auto=add

        conn trap
        	leftid=@moon.strongswan.org
        	rightid=@sun.strongswan.org
        	leftsubnet=10.1.4.0/24
        	rightsubnet=10.2.4.0/24
        	authby=secret
        	auto=route

        conn v1-main
        	keyexchange=ikev1
        	ike=aes128-sha1-modp2048!
        	leftid=@moon.strongswan.org
        	rightid=@sun.strongswan.org
        	leftsubnet=10.1.5.0/24
        	rightsubnet=10.2.5.0/24
        	authby=secret
        	auto=add

        conn v1-aggr
        	keyexchange=ikev1
        	aggressive=yes
        	ike=aes128-sha1-modp2048!
        	leftid=@moon-aggr
        	rightid=@sun-aggr
        	leftsubnet=10.1.6.0/24
        	rightsubnet=10.2.6.0/24
        	authby=secret
        	auto=add

        conn local-pass
        	leftsubnet=10.1.0.0/16
        	rightsubnet=10.1.0.0/16
        	type=passthrough
        	authby=never
        	auto=route

        conn local-drop
        	leftsubnet=10.1.0.0/16
        	rightsubnet=10.66.0.0/16[tcp/25]
        	type=drop
        	authby=never
        	auto=route

        conn bad-psk
        	leftid=@moon-bad
        	rightid=@sun-bad
        	leftsubnet=10.1.7.0/24
        	rightsubnet=10.2.7.0/24
        	authby=secret
        	auto=add

        conn bad-ike
        	ike=3des-md5-modp1024!
        	leftid=@moon.strongswan.org
        	rightid=@sun.strongswan.org
        	authby=secret
        	auto=add

        conn bad-esp
        	leftid=@moon-besp
        	rightid=@sun-besp
        	esp=aes256ctr-sha512!
        	leftsubnet=10.1.8.0/24
        	rightsubnet=10.2.8.0/24
        	authby=secret
        	auto=add

        conn bad-ts
        	leftid=@moon-bts
        	rightid=@sun-bts
        	leftsubnet=10.99.0.0/24
        	rightsubnet=10.98.0.0/24
        	authby=secret
        	auto=add

        conn bad-id
        	leftid=@stranger
        	rightid=@nobody
        	leftsubnet=10.1.0.0/24
        	rightsubnet=10.2.0.0/24
        	authby=secret
        	auto=add

        conn nopeer
        	right=192.168.0.77
        	leftid=@moon.strongswan.org
        	authby=secret
        	auto=add

        conn rw
        	right=%any
        	leftid=@rw-gw
        	leftcert=moon-rsa.pem
        	leftid=moon.strongswan.org
        	leftsubnet=10.1.0.0/16
        	leftsendcert=always
        	rightauth=eap-mschapv2
        	rightid=*@strongswan.org
        	eap_identity=%any
        	rightsourceip=10.3.0.0/28,fd03::/120
        	rightdns=10.1.0.53
        	auto=add

        conn xauth
        	keyexchange=ikev1
        	ike=aes128-sha1-modp2048!
        	right=%any
        	leftid=@moon-xauth
        	leftauth=psk
        	rightauth=psk
        	rightauth2=xauth
        	leftsubnet=10.1.0.0/16
        	rightid=@dave
        	rightsourceip=10.4.0.0/29
        	auto=add
        """;

    public const string Sun = """
        config setup
        	uniqueids=yes
        	charondebug="ike 1, knl 1, cfg 1"

        ca lab
        	cacert=ca.pem
        	crluri=http://192.168.0.9:8881/ca.crl
        	ocspuri=http://192.168.0.9:8880
        	auto=add

        conn %default
        	keyexchange=ikev2
        	ike=aes128-sha256-modp2048,aes256gcm16-prfsha384-ecp384!
        	esp=aes128gcm16,aes256-sha256!
        	ikelifetime=60m
        	keylife=20m
        	rekeymargin=3m
        	keyingtries=1
        	mobike=no
        	right=192.168.0.1
        	left=192.168.0.2

        conn net-net
        	rightid=@moon.strongswan.org
        	leftid=@sun.strongswan.org
        	rightsubnet=10.1.0.0/24
        	leftsubnet=10.2.0.0/24
        	authby=secret
        	auto=add

        conn second-child
        	also=net-net
        	rightsubnet=10.1.9.0/24
        	leftsubnet=10.2.9.0/24

        conn rsa
        	rightid="C=CH, O=strongSwan Lab, OU=rsa, CN=moon.strongswan.org"
        	leftcert=sun-rsa.pem
        	rightsubnet=10.1.1.0/24
        	leftsubnet=10.2.1.0/24
        	dpdaction=restart
        	dpddelay=30s
        	auto=add

        conn ecdsa
        	rightid="C=CH, O=strongSwan Lab, OU=ecdsa, CN=moon.strongswan.org"
        	leftcert=sun-ecdsa.pem
        	rightsubnet=10.1.2.0/24
        	leftsubnet=10.2.2.0/24
        	rekey=no
        	auto=add

        conn ed25519
        	rightid="C=CH, O=strongSwan Lab, OU=ed25519, CN=moon.strongswan.org"
        	leftcert=sun-ed25519.pem
        	rightsubnet=10.1.3.0/24
        	leftsubnet=10.2.3.0/24
        	reauth=no
        	compress=yes
        	auto=add

        conn trap
        	rightid=@moon.strongswan.org
        	leftid=@sun.strongswan.org
        	rightsubnet=10.1.4.0/24
        	leftsubnet=10.2.4.0/24
        	authby=secret
        	auto=add

        conn v1-main
        	keyexchange=ikev1
        	ike=aes128-sha1-modp2048!
        	rightid=@moon.strongswan.org
        	leftid=@sun.strongswan.org
        	rightsubnet=10.1.5.0/24
        	leftsubnet=10.2.5.0/24
        	authby=secret
        	auto=add

        conn v1-aggr
        	keyexchange=ikev1
        	aggressive=yes
        	ike=aes128-sha1-modp2048!
        	rightid=@moon-aggr
        	leftid=@sun-aggr
        	rightsubnet=10.1.6.0/24
        	leftsubnet=10.2.6.0/24
        	authby=secret
        	auto=add

        conn bad-psk
        	rightid=@moon-bad
        	leftid=@sun-bad
        	rightsubnet=10.1.7.0/24
        	leftsubnet=10.2.7.0/24
        	authby=secret
        	auto=add

        conn bad-ike
        	ike=aes128-sha256-modp2048!
        	rightid=@moon.strongswan.org
        	leftid=@sun.strongswan.org
        	authby=secret
        	auto=add

        conn bad-esp
        	rightid=@moon-besp
        	leftid=@sun-besp
        	esp=aes128gcm16!
        	rightsubnet=10.1.8.0/24
        	leftsubnet=10.2.8.0/24
        	authby=secret
        	auto=add

        conn bad-ts
        	rightid=@moon-bts
        	leftid=@sun-bts
        	rightsubnet=10.97.0.0/24
        	leftsubnet=10.98.0.0/24
        	authby=secret
        	auto=add

        conn rw
        	left=192.168.0.2
        	leftid=carol@strongswan.org
        	leftauth=eap
        	eap_identity=carol
        	leftsourceip=%config4,%config6
        	right=192.168.0.1
        	rightid=moon.strongswan.org
        	rightauth=pubkey
        	rightsubnet=10.1.0.0/16
        	auto=add

        conn xauth
        	keyexchange=ikev1
        	ike=aes128-sha1-modp2048!
        	leftid=@dave
        	leftauth=psk
        	leftauth2=xauth
        	xauth_identity=dave
        	leftsourceip=%config
        	rightid=@moon-xauth
        	rightauth=psk
        	rightsubnet=10.1.0.0/16
        	auto=add
        """;
}
