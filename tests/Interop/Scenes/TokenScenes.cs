// Gateways whose private key, and the certificates that it takes, are on a PKCS#11 token, here one in software.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class TokenScenes
{
    const string Pin = "1234", Library = "/usr/lib/softhsm/libsofthsm2.so";

    /// <summary>Gives moon a token with its key and certificate under id 50 and that of the CA under 60, and has charon load the module.</summary>
    internal static void Give(Gateway gateway, string kind)
    {
        var folder = Directory.CreateDirectory(Path.Combine(gateway.Host.Folder, "softhsm")).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "tokens"));
        var conf = Path.Combine(folder, "softhsm2.conf");
        File.WriteAllText(conf, $"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
        gateway.Host.Bind(conf, "/etc/softhsm/softhsm2.conf");
        gateway.Host.Shell($"""
            set -e
            cd {folder}
            softhsm2-util --init-token --free --label cygnet --pin {Pin} --so-pin 5678
            openssl pkcs8 -topk8 -nocrypt -in {TestPki.PathOf($"{gateway.Name}-{kind}.key")} -out key.pem
            softhsm2-util --import key.pem --token cygnet --label key --id 50 --pin {Pin}
            openssl x509 -in {TestPki.PathOf($"{gateway.Name}-{kind}.pem")} -outform der -out cert.der
            pkcs11-tool --module {Library} --token-label cygnet --login --pin {Pin} --write-object cert.der --type cert --id 50
            openssl x509 -in {TestPki.PathOf("ca.pem")} -outform der -out ca.der
            pkcs11-tool --module {Library} --token-label cygnet --login --pin {Pin} --write-object ca.der --type cert --id 60
            """).ShouldSucceed();
        gateway.Settings($"plugins {{\n pkcs11 {{\n modules {{\n soft {{\n path = {Library}\n }}\n }}\n }}\n }}", "pkcs11");
    }

    [Theory]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public void The_key_stays_on_the_token(string kind)
    {
        using var pair = new Pair($"token-{kind}", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = kind, Moon = ["leftcert=%smartcard:50"] }.Write(pair);
            Give(pair.Moon, kind);
            pair.Moon.Write("ipsec.secrets", $": PIN %smartcard:50 {Pin}\n");
            pair.Start();
            pair.Moon.ShouldHaveLogged($"loaded PKCS#11 v2.40 library 'soft' ({Library})");
            pair.Moon.ShouldHaveLogged("  loaded private key from %smartcard:50");
            foreach (var initiator in (ReadOnlySpan<Gateway>)[pair.Moon, pair.Sun])
            {
                initiator.Up("net-net").ShouldSay("connection 'net-net' established successfully");
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                initiator.Down("net-net").ShouldSucceed();
                pair.ShouldBeClean();
            }
            // The token is gone: the attempt fails, and says why.
            Directory.Delete(Path.Combine(pair.Moon.Host.Folder, "softhsm", "tokens"), recursive: true);
            pair.Moon.Up("net-net").ShouldSay("establishing connection 'net-net' failed", "(myself) with ", " failed\n", "the token in 'soft':");
            pair.Moon.ShouldBeClean();
        });
    }

    [Fact]
    public void A_pin_is_asked_for_and_a_wrong_one_is_tried_once()
    {
        using var pair = new Pair("token-pin", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", Moon = ["leftcert=%smartcard:50"] }.Write(pair);
            Give(pair.Moon, "rsa");
            pair.Moon.Write("ipsec.secrets", ": PIN %smartcard:50 %prompt\n");
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("no private key found for 'moon.cygnet.test'");
            pair.Moon.Converse("ipsec rereadsecrets", "4321").ShouldSucceed()
                .ShouldSay("Login to '%smartcard:50' required\nPIN: \nPIN invalid, aborting.\n  loading private key from %smartcard:50 failed\n", "failed: PIN_INCORRECT\n");
            pair.Moon.Up("net-net").ShouldSay("no private key found for 'moon.cygnet.test'");
            pair.Moon.Converse("ipsec rereadsecrets", Pin).ShouldSucceed();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.Moon.ShouldBeClean();
        });
    }

    const string Ca = "C=CH, O=Cygnet Test, CN=Cygnet Test CA";

    [Fact]
    public void Nothing_but_the_token_has_the_ca_certificate()
    {
        using var pair = new Pair("token-ca", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", Moon = ["leftcert=%smartcard:50"] }.Write(pair);
            Give(pair.Moon, "rsa");
            pair.Moon.Write("ipsec.conf", File.ReadAllText(pair.Moon.PathOf("ipsec.conf"))
                + "ca lab\n\tcacert=%smartcard:60\n\tcrluri=http://192.0.2.1/lab.crl\n\tauto=add\nca gone\n\tcacert=%smartcard:61\n\tauto=add\nca leaf\n\tcacert=%smartcard:50\n\tauto=add\n");
            pair.Moon.Write("ipsec.secrets", $": PIN %smartcard:50 {Pin}\n");
            pair.Moon.Remove("ipsec.d/cacerts/ca.pem");
            pair.Start();
            pair.Moon.Host.Run("ipsec", "listcacerts").ShouldSay($"subject:  \"{Ca}\"");
            pair.Moon.Host.Run("ipsec", "listcainfos").ShouldSay($"authname:    \"{Ca}\"", "crluris:     'http://192.0.2.1/lab.crl'");
            foreach (var initiator in (ReadOnlySpan<Gateway>)[pair.Moon, pair.Sun])
            {
                initiator.Up("net-net").ShouldSay("connection 'net-net' established successfully");
                initiator.Down("net-net").ShouldSucceed();
                pair.ShouldBeClean();
            }
            pair.Moon.ShouldHaveLogged($"using trusted ca certificate \"{Ca}\"");
            // Without the section there is nobody to trust.
            pair.Moon.Write("ipsec.conf", File.ReadAllText(pair.Moon.PathOf("ipsec.conf")).Replace("auto=add\nca gone", "auto=ignore\nca gone"));
            pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
            Wait.Until("the certificate is gone", () => !pair.Moon.Host.Run("ipsec", "listcacerts").Output.Contains(Ca));
            pair.Moon.Up("net-net").ShouldSay("establishing connection 'net-net' failed");
        });
    }

    /// <summary>What swanctl.conf says of tokens, with Debian's swanctl.</summary>
    [Fact]
    public void Swanctl_names_objects_of_tokens()
    {
        using var pair = new Pair("token-swanctl", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa" }.Write(pair);
            Give(pair.Moon, "rsa");
            pair.Moon.Configure("config setup\n", "");
            pair.Moon.Remove("ipsec.d/cacerts/ca.pem");
            pair.Moon.Host.Bind(pair.Moon.PathOf("swanctl"), "/etc/swanctl");
            pair.Moon.Write("swanctl/swanctl.conf", $$"""
                connections {
                    net-net {
                        version = 2
                        local_addrs = 192.168.0.1
                        remote_addrs = 192.168.0.2
                        proposals = aes128-sha256-x25519
                        mobike = no
                        local {
                            auth = pubkey
                            id = moon.cygnet.test
                            cert {
                                handle = 50
                                module = soft
                            }
                        }
                        remote {
                            auth = pubkey
                            id = sun.cygnet.test
                            cacert-lab {
                                handle = 60
                            }
                        }
                        children {
                            net-net {
                                local_ts = 10.1.0.0/24
                                remote_ts = 10.2.0.0/24
                                esp_proposals = aes128gcm16-x25519
                            }
                        }
                    }
                }
                authorities {
                    lab {
                        handle = 60
                        module = soft
                    }
                }
                secrets {
                    token-moon {
                        handle = 50
                        pin = {{Pin}}
                    }
                }
                """);
            pair.Start();
            Wait.Until("charon answers swanctl", () => pair.Moon.Host.Run("swanctl", "--stats").ExitCode == 0);
            pair.Moon.Host.Run("swanctl", "--load-all", "--noprompt").ShouldSucceed().ShouldSay("loaded key token-moon from token", "loaded authority 'lab'", "loaded connection 'net-net'");
            pair.Moon.Host.Run("swanctl", "--list-authorities").ShouldSay($"cacert: {Ca}");
            pair.Moon.Host.Run("swanctl", "--initiate", "--child", "net-net").ShouldSay("initiate completed successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Host.Run("swanctl", "--terminate", "--ike", "net-net").ShouldSucceed();
            pair.Sun.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Sun.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    [Fact]
    public void A_token_that_is_not_there_keeps_only_its_conn_out()
    {
        using var pair = new Pair("token-absent", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { More = "conn card\n\tleft=192.168.0.1\n\tright=192.168.0.9\n\tleftcert=%smartcard7@none:50\n\tauto=add\n" }.Write(pair);
            pair.Moon.Write("ipsec.secrets", $": PIN %smartcard7@none:50 {Pin}\n: PSK \"{Pair.Secret}\"\n");
            pair.Sun.Write("ipsec.conf", File.ReadAllText(pair.Sun.PathOf("ipsec.conf")).Split("conn card")[0]);
            pair.Moon.Host.Run("ipsec", "start").ShouldSucceed();
            pair.Sun.Start();
            Wait.Until("moon has loaded net-net", () => pair.Moon.Host.Run("ipsec", "statusall").Output.Contains(" net-net: "));
            Assert.DoesNotContain(" card: ", pair.Moon.StatusAll().Output);
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Host.Run("ipsec", "rereadsecrets").ShouldSay("  loading private key from %smartcard7@none:50 failed\n", "no PKCS#11 module is loaded; 'charon.plugins.pkcs11.modules' in strongswan.conf names them\n");
            pair.Moon.Down("net-net").ShouldSucceed();
        });
    }
}
