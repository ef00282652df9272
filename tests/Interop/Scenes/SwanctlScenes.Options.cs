// What swanctl can be told besides: other files, options from a file, every form of output, filters, mistakes in each section, keys on tokens.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class SwanctlScenes
{
    /// <summary>The key of moon on a token: not there, named wrongly, without its PIN, with a wrong one, and as it should be.</summary>
    static readonly (string Name, string[] Keys)[] s_tokens =
    [
        ("ask.conf", ["handle = 50", "module = soft"]),
        ("pin.conf", ["handle = 50", "pin = 9999"]),
        ("handle.conf", ["handle = 51", "module = soft", "pin = 1234"]),
        ("hex.conf", ["handle = zz", "pin = 1234"]),
        ("none.conf", ["pin = 1234"]),
        ("slot.conf", ["handle = 50", "slot = 77", "pin = 1234"]),
        ("number.conf", ["handle = 50", "module = soft", "slot = abc", "pin = 1234"]),
        ("module.conf", ["handle = 50", "module = soft", "pin = 1234"]),
        ("token.conf", ["handle = 50", "pin = 1234"]),
    ];

    /// <summary>Files for <c>--file</c>, and for <c>--options</c>.</summary>
    static readonly (string Name, string Text)[] s_otherFiles =
    [
        ("other.conf", """
            connections {
                other {
                    local_addrs = 192.168.0.1
                    remote_addrs = 192.168.0.2
                    local {
                        auth = psk
                    }
                    remote {
                        auth = psk
                    }
                    children {
                        other {
                        }
                    }
                }
            }
            pools {
                other {
                    addrs = 10.9.0.0/29
                }
            }
            authorities {
                other {
                    cacert = ca.pem
                    crl_uris = http://127.0.0.1:9/other.crl
                }
            }
            secrets {
                ike-other {
                    secret = abc
                }
            }
            """),
        ("wrong.conf", """
            connections {
                good {
                    remote_addrs = 192.168.0.9
                    local {
                        auth = psk
                    }
                    remote {
                        auth = psk
                    }
                    children {
                        good {
                        }
                    }
                }
                auth {
                    local {
                        auth = nosuch
                    }
                }
                esp {
                    children {
                        a {
                            esp_proposals = rot13
                        }
                    }
                }
                key {
                    nosuchkey = 7
                }
                cert {
                    local {
                        certs = nosuch.pem
                    }
                }
                cacert {
                    remote {
                        cacerts = nosuch.pem
                    }
                }
                ts {
                    children {
                        a {
                            local_ts = 10.1.2/99x
                        }
                    }
                }
                time {
                    rekey_time = 5parsecs
                }
                proposal {
                    proposals = aes128
                }
            }
            pools {
                range {
                    addrs = nonsense
                }
                value {
                    addrs = 10.8.0.0/24
                    dns = nonsense
                }
                attribute {
                    addrs = 10.8.0.0/24
                    nosuch = 10.1.1.1
                }
                none {
                    dns = 10.1.1.1
                }
            }
            authorities {
                file {
                    cacert = nosuch.pem
                }
                key {
                    nosuch = 1
                }
                none {
                    crl_uris = http://127.0.0.1:9/x
                }
            }
            secrets {
                ike-hex {
                    secret = 0xzz
                }
                nosuch-type {
                    secret = abc
                }
                ike-none {
                    id = moon
                }
                eap-base64 {
                    id = c
                    secret = 0s!!!
                }
                rsa-none {
                    file = nosuch.key
                    secret = x
                }
                private-none {
                    secret = x
                }
                pkcs12-none {
                    file = nosuch.p12
                    secret = x
                }
                ntlm-good {
                    id = carol
                    secret = 0x0123456789abcdef0123456789abcdef
                }
            }
            """),
        ("open.conf", "connections {\n a {\n  version = 2\n"),
        ("closed.conf", "connections {\n a {\n }\n}\n}\n"),
        ("empty.conf", ""),
        ("include.conf", "include nosuch/*.conf\ninclude conf.d/more.conf\nconnections {\n}\n"),
        ("pretty", "--pretty\n"),
        ("filter", "# of one IKE_SA\n--ike net-net\n--raw\n"),
        ("nosuch", "--nosuch\n"),
        .. s_tokens.Select(t => (t.Name, $"secrets {{\n token-moon {{\n{string.Join('\n', t.Keys)}\n }}\n}}\n")),
    ];

    static void MoreFiles(Gateway moon)
    {
        foreach (var (name, text) in s_otherFiles) moon.Write($"swanctl/{name}", text);
    }

    static string At(string name) => $"/etc/swanctl/{name}";

    /// <summary>Leaves both with what swanctl.conf says.</summary>
    static void FilesAndOptions(SideBySide both)
    {
        void Same(string line) => both.Same(Steady, ["swanctl", .. line.Split(' ')]);
        foreach (var form in (string[])["", " --raw", " --pretty"])
            foreach (var word in (string[])["conns", "pools", "authorities", "creds --noprompt", "creds --clear --noprompt", "all --clear --noprompt"]) Same($"--load-{word}{form}");
        foreach (var file in (string[])["nosuch.conf", "open.conf", "closed.conf", "include.conf", "empty.conf", "other.conf", "wrong.conf"])
            foreach (var word in (string[])["conns", "pools", "authorities", "creds --noprompt"]) Same($"--load-{word} --file {At(file)}");
        foreach (var word in (string[])["conns", "pools", "authorities"]) Same($"--list-{word}");
        foreach (var word in (string[])["conns", "pools", "authorities", "creds --noprompt"]) Same($"--load-{word} -f {At("wrong.conf")} --raw");
        foreach (var file in (string[])["wrong.conf", "other.conf", "empty.conf"]) Same($"--load-all --noprompt --file {At(file)}");
        foreach (var (file, _) in s_tokens) Same($"--load-creds --noprompt --file {At(file)}");
        Same($"--load-creds --noprompt --raw --file {At("token.conf")}");
        Same($"--load-creds --noprompt --clear --file {At("token.conf")}");
        foreach (var options in (string[])["--list-pools --options pretty", "--list-sas -+ filter", "--list-sas --options nosuch", "--list-sas --options absent"]) Same(options.Replace(" pretty", $" {At("pretty")}")
            .Replace(" filter", $" {At("filter")}").Replace(" nosuch", $" {At("nosuch")}").Replace(" absent", $" {At("absent")}"));
        Same("--load-all --noprompt");
    }

    /// <summary>Every list in every form and with every filter, before there is an SA.</summary>
    static void ListsAndFilters(SideBySide both)
    {
        void Same(string line) => both.Same(Steady, ["swanctl", .. line.Split(' ').Select(w => w.Replace('+', ' '))]);
        foreach (var line in (string[])["--utc", "--pem", "--raw", "--pretty", "--subject moon.cygnet.test", "--subject C=CH,+O=Cygnet+Test,+OU=rsa,+CN=moon.cygnet.test", "--subject C=CH,+O=Cygnet+Test,+OU=*,+CN=moon.cygnet.test",
            "--subject CN=nosuch", "--type X509", "--type x509_ac", "--type x509_crl", "--type ocsp_response", "--type pubkey --utc", "--type pubkey --pem", "--type pubkey --raw", "--type any", "--flag ca", "--flag CA",
            "--flag aa", "--flag ocsp", "--flag any", "--flag nosuch", "--type x509_crl --flag ca", "--type x509 --flag ca --raw", "--type nosuch --raw", "--type x509 --flag nosuch --raw"]) Same($"--list-certs {line}");
        both.Same(Steady, "swanctl", "--list-certs", "--subject", "");
        foreach (var line in (string[])["--list-authorities --raw", "--list-authorities --pretty", "--list-authorities --name lab --raw", "--list-pools --pretty", "--list-pools --name rw", "--list-pools --name nosuch --raw",
            "--list-pols --child trapped", "--list-pols --child nosuch", "--list-pols --child keep --drop", "--list-pols --pass --drop --trap", "--list-sas --raw", "--list-sas --ike-id 77", "--list-sas --child-id 77", "--list-sas --ike-id x",
            "--counters --raw", "--counters --pretty", "--counters --name nosuch --raw", "--counters --all --raw", "--counters --reset --raw", "--counters --reset --name nosuch --raw",
            "--flush-certs --raw", "--flush-certs --type x509", "--flush-certs --type x509_crl --pretty", "--flush-certs --type nosuch --raw", "--flush-certs --type any", "--reload-settings --raw", "--reload-settings --pretty",
            "--version --daemon", "--stats --uri unix:///nowhere"]) Same(line);
        both.Same(Steady, "swanctl", "--counters", "--name", "");
    }

    /// <summary>What cannot be done is said in the same words and form; with an IKE_SA net-net that has the children net-net and second.</summary>
    static void Refusals(SideBySide both)
    {
        void Same(string line) => both.Same(text => Steady(Numberless(text)), ["swanctl", .. line.Split(' ')]);
        foreach (var line in (string[])["--initiate --child second", "--initiate --child second --raw", "--initiate --child second --loglevel -1", "--initiate --child second --timeout abc", "--initiate --child second --timeout -1",
            "--initiate --ike nosuch --raw", "--initiate --child nosuch --pretty", "--initiate --child second --ike nosuch", "--initiate nosuch", "--initiate --raw", "--initiate --child silent --timeout 1 --raw",
            "--terminate --ike silent --force --raw", "--rekey --child nosuch --raw", "--rekey --ike-id 999", "--rekey --child-id 999 --pretty", "--rekey --ike-id x", "--rekey --ike nosuch --child second",
            "--rekey --ike net-net --child nosuch", "--rekey --ike nosuch --reauth", "--rekey --reauth", "--rekey --raw", "--redirect --gateway 192.168.0.7", "--redirect --gateway 192.168.0.7 --raw",
            "--redirect --ike nosuch --gateway 192.168.0.7 --pretty", "--redirect --ike-id 999 --gateway 192.168.0.7", "--redirect --ike-id x --gateway 192.168.0.7", "--redirect --peer-ip 10.0.0.0/8 --gateway 192.168.0.7",
            "--redirect --peer-ip nonsense --gateway 192.168.0.7", "--redirect --peer-ip 10.0.0.1-10.0.0.9 --gateway 192.168.0.7", "--redirect --peer-id *.nosuch --gateway 192.168.0.7", "--redirect --ike net-net --gateway %any",
            "--install --child nosuch --raw", "--install --child second --ike nosuch", "--install --child second --ike rsa", "--install --child second --raw", "--uninstall --child second --ike rsa --raw",
            "--uninstall --child second --ike net-net --pretty", "--uninstall --child silent", "--install --ike net-net", "--uninstall --ike net-net", "--terminate --child nosuch --raw", "--terminate --ike nosuch --pretty",
            "--terminate --ike-id 999", "--terminate --child-id 999", "--terminate --child-id x", "--terminate --ike-id -1", "--terminate --ike net-net --child nosuch", "--terminate --ike nosuch --child second", "--terminate --raw",
            "--terminate --force", "--list-sas --ike rsa --child second", "--list-sas --child net-net"]) Same(line);
        foreach (var empty in (string[])["--install", "--uninstall", "--terminate", "--rekey"]) both.Same("swanctl", empty, "--child", "");
    }
}
