// Authentication beyond one key a side: several rounds, constraints, post-quantum pre-shared keys. RFC 4739, RFC 7427, RFC 8784.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class AuthenticationScenes
{
    /// <summary>Whether Cygnet initiates or responds; the other end is strongSwan.</summary>
    public static readonly TheoryData<bool> Roles = [true, false];

    const string Ppk = "0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    // no 0s in front, which swanctl.conf reads as base64 and a quoted secret of ipsec.secrets does not
    const string Psk = "a secret for both";

    static Pair Stage(string scene, bool isInitiator) => new($"auth-{scene}-{(isInitiator ? "initiates" : "responds")}",
        isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);

    static void Carries(Pair pair)
    {
        pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
        pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
        pair.Moon.Down("net-net").ShouldSucceed();
        pair.ShouldBeClean();
    }

    [Theory, MemberData(nameof(Roles))]
    public void A_certificate_and_then_a_shared_key(bool isInitiator)
    {
        using var pair = Stage("rounds", isInitiator);
        pair.Bed.Play(() =>
        {
            foreach (var (me, peer) in (ReadOnlySpan<(Gateway, string)>)[(pair.Moon, "sun"), (pair.Sun, "moon")])
                me.Configure($"""
                    config setup

                    conn net-net
                        keyexchange=ikev2
                        mobike=no
                        left={(me.Name == "moon" ? "192.168.0.1" : "192.168.0.2")}
                        leftid=@{me.Name}.cygnet.test
                        leftcert={me.Name}-rsa.pem
                        leftauth=pubkey
                        leftid2=@{me.Name}-second
                        leftauth2=psk
                        leftsubnet={(me.Name == "moon" ? "10.1.0.0/24" : "10.2.0.0/24")}
                        right={(me.Name == "moon" ? "192.168.0.2" : "192.168.0.1")}
                        rightid=@{peer}.cygnet.test
                        rightauth=pubkey
                        rightid2=@{peer}-second
                        rightauth2=psk
                        rightsubnet={(me.Name == "moon" ? "10.2.0.0/24" : "10.1.0.0/24")}
                        auto=add

                    """, TestPki.Give(me) + $"@moon-second @sun-second : PSK \"{Pair.Secret}\"\n");
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("authentication of 'moon.cygnet.test' (myself) with RSA_EMSA_PKCS1_SHA2_256 successful",
                "authentication of 'sun.cygnet.test' with RSA_EMSA_PKCS1_SHA2_256 successful",
                "authentication of 'sun-second' with pre-shared key successful", "connection 'net-net' established successfully");
            pair.Sun.ShouldHaveLogged("authentication of 'moon-second' with pre-shared key successful");
            Carries(pair);
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void A_second_round_that_is_missing_is_refused(bool isInitiator)
    {
        using var pair = Stage("round-missing", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { Sun = ["leftauth=psk", "rightauth=psk", "rightauth2=psk"] }.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("received AUTHENTICATION_FAILED notify error");
            pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void A_signature_scheme_may_be_demanded(bool isInitiator)
    {
        using var pair = Stage("scheme", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", Moon = ["leftauth=ike:rsa/pss-sha384-sha256"], Sun = ["rightauth=ike:rsa/pss-sha384"] }.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("authentication of 'moon.cygnet.test' (myself) with RSA_EMSA_PSS_SHA2_384_SALT_48 successful", "connection 'net-net' established successfully");
            Carries(pair);
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void A_signature_scheme_that_is_not_the_demanded_one_is_refused(bool isInitiator)
    {
        using var pair = Stage("scheme-wrong", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", Moon = ["leftauth=ike:rsa-sha256"], Sun = ["rightauth=ike:rsa-sha512"] }.Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("received AUTHENTICATION_FAILED notify error");
            pair.ShouldBeClean();
        });
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void A_post_quantum_preshared_key_is_mixed_in_if_both_have_it(bool isInitiator, bool bothHaveIt)
    {
        using var pair = Stage($"ppk-{(bothHaveIt ? "both" : "one")}", isInitiator);
        pair.Bed.Play(() =>
        {
            // strongSwan knows PPKs in swanctl.conf alone; Cygnet by x-… in ipsec.conf too
            foreach (var gateway in (ReadOnlySpan<Gateway>)[pair.Moon, pair.Sun])
            {
                var (own, peer) = gateway.Name == "moon" ? (1, 2) : (2, 1);
                var secret = bothHaveIt || gateway.Name == "moon" ? Ppk : "";
                if (gateway.Product == Product.Cygnet)
                    gateway.Configure($"""
                        config setup

                        conn net-net
                            keyexchange=ikev2
                            mobike=no
                            reauth=no
                            left=192.168.0.{own}
                            leftid=@{gateway.Name}
                            leftsubnet=10.{own}.0.0/24
                            right=192.168.0.{peer}
                            rightid=@{(own == 1 ? "sun" : "moon")}
                            rightsubnet=10.{peer}.0.0/24
                            authby=secret
                            x-ppk_id=quantum
                            auto=add

                        """, $": PSK \"{Psk}\"\n" + (secret.Length > 0 ? $"quantum : PPK {secret}\n" : ""));
                else
                    gateway.Write("swanctl/swanctl.conf", $$"""
                        connections {
                            net-net {
                                version = 2
                                mobike = no
                                local_addrs = 192.168.0.{{own}}
                                remote_addrs = 192.168.0.{{peer}}
                                ppk_id = quantum
                                local { auth = psk
                                    id = @{{gateway.Name}} }
                                remote { auth = psk
                                    id = @{{(own == 1 ? "sun" : "moon")}} }
                                children { net-net { local_ts = 10.{{own}}.0.0/24
                                    remote_ts = 10.{{peer}}.0.0/24 } }
                            }
                        }
                        secrets {
                            ike { secret = "{{Psk}}" }
                            {{(secret.Length > 0 ? $"ppk {{ id = quantum\n secret = {secret} }}" : "")}}
                        }

                        """);
            }
            pair.Start();
            var strongswan = pair.Moon.Product == Product.Cygnet ? pair.Sun : pair.Moon;
            strongswan.Host.Run("swanctl", "--load-all").ShouldSucceed();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.ShouldHaveLoggedIf(bothHaveIt, "using PPK for PPK_ID 'quantum'");
            pair.Sun.ShouldHaveLoggedIf(bothHaveIt, "using PPK for PPK_ID 'quantum'");
            // the rekeyed SAs derive from the mixed SK_d
            pair.Moon.Host.Run("swanctl", "--rekey", "--ike", "net-net").ShouldSucceed();
            Wait.Until("the IKE_SA is rekeyed", () => pair.Moon.Log.Contains("rekeyed between") && pair.Sun.Log.Contains("rekeyed between"));
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Down("net-net").ShouldSucceed();
            // strongSwan's rule for its table comes when it likes, with or without a tunnel
            (pair.Moon.Product == Product.Cygnet ? pair.Moon : pair.Sun).ShouldBeClean();
        });
    }
}
