// A road warrior, a gateway, and behind the gateway a host with a FreeRADIUS that knows the warriors.
using Cygnet.Interop.Testbed;
using Cygnet.Linux.Tests.Radius;

namespace Cygnet.Interop.Scenes;

/// <summary>sun calls moon, which asks alice (10.9.0.2); the network behind moon is 10.1.0.0/16.</summary>
sealed class RadiusRoad : IDisposable
{
    public const string Password = "tea for two", DaeSecret = "ohKu8aiX";

    const string Server = "10.9.0.2";

    readonly string _raddb;
    Background? _freeradius;

    public RadiusRoad(string scene, Product client, Product gateway)
    {
        Pair = new($"radius-{scene}-{client}-{gateway}", gateway, client);
        try
        {
            Alice = Pair.Bed.Host("alice");
            Pair.Bed.Cable(Gateway.Host, "eth1", Alice, "eth0");
            Gateway.Host.AddAddress("eth1", "10.9.0.1/24");
            Alice.AddAddress("eth0", $"{Server}/24");
            _raddb = Path.Combine(Alice.Folder, "raddb");
            Settings("");
        }
        catch
        {
            Pair.Dispose();
            throw;
        }
    }

    /// <summary>An entry of the users file: name, password, and what an Access-Accept says.</summary>
    public static string User(string name, params string[] grants) => $"{name}@cygnet.test Cleartext-Password := \"{Password}\"\n{(grants.Length == 0 ? "" : "    " + string.Join(",\n    ", grants) + "\n")}\n";

    public Pair Pair { get; }

    public Gateway Gateway => Pair.Moon;

    public Gateway Client => Pair.Sun;

    public Host Alice { get; }

    /// <summary>The accounting records.</summary>
    public string[] Records => File.Exists(Path.Combine(_raddb, "detail"))
        ? File.ReadAllText(Path.Combine(_raddb, "detail")).Split("\n\n", StringSplitOptions.RemoveEmptyEntries) : [];

    /// <summary>How often the server has accepted somebody.</summary>
    public int Accepted => _freeradius!.Said.Split("Sent Access-Accept").Length - 1;

    public void StartServer(string users, string method)
    {
        FreeRadiusConf.Write(_raddb, Server, 1812, 1813, users, method);
        _freeradius = Alice.Start("freeradius", "-X", "-d", _raddb);
        Wait.Until("freeradius is ready", () => _freeradius.HasEnded ? throw new BedFailure($"freeradius has ended:\n{_freeradius.Said}")
            : _freeradius.Said.Contains("Ready to process requests"), 30);
    }

    /// <summary>Lines of the gateway's plugin section, besides the server.</summary>
    public void Settings(string lines, string servers = "")
    {
        Gateway.Settings($$"""
            plugins {
                    eap-radius {
                        servers {
                            {{servers}}
                            alice {
                                address = {{Server}}
                                secret = {{FreeRadiusConf.Secret}}
                            }
                        }
                        {{lines}}
                    }
                }
            """);
    }

    /// <summary>The gateway's conns, each with its lines; and the client's, one for each name.</summary>
    public void Configure((string Name, string Lines)[] conns, string clientLines, params string[] clients)
    {
        const string both = "\tkeyexchange=ikev2\n\tmobike=no\n\tike=aes128-sha256-x25519!\n\tesp=aes128gcm16-x25519!\n\tauto=add\n";
        // strongSwan's plane in user space wants no host for a selector: where there is no virtual address, a network is behind the client
        var (here, there) = clientLines.Contains("leftsourceip") ? ("", "") : ("\tleftsubnet=10.2.0.0/24\n", "\trightsubnet=10.2.0.0/24\n");
        Gateway.Configure("config setup\n\n" + string.Concat(conns.Select(c =>
            $"conn {c.Name}\n{both}\tleft=192.168.0.1\n\tleftid=@moon.cygnet.test\n\tleftcert=moon-rsa.pem\n\tleftauth=pubkey\n\tright=%any\n\trightauth=eap-radius\n\trightsendcert=never\n\teap_identity=%identity\n{there}{Lines(c.Lines)}\n")),
            TestPki.Give(Gateway));
        Client.Configure("config setup\n\n" + string.Concat(clients.Select(name =>
            $"conn {name}\n{both}\tleft=192.168.0.2\n\tleftid={name}@cygnet.test\n\tleftauth=eap\n\teap_identity={name}@cygnet.test\n\taaa_identity={FreeRadiusConf.ServerName}\n\tright=192.168.0.1\n\trightid=@moon.cygnet.test\n\trightauth=pubkey\n\trightsubnet=10.1.0.0/16\n{here}{Lines(clientLines)}\n")),
            TestPki.Give(Client) + ": PKCS8 client.key\n" + string.Concat(clients.Select(name => $"{name}@cygnet.test : EAP \"{Password}\"\n")));
        foreach (var (file, at) in ((string, string)[])[("ca.pem", "cacerts/aaa.pem"), ("client.pem", "certs/client.pem"), ("client.key", "private/client.key")])
            Client.Write($"ipsec.d/{at}", File.ReadAllText(Path.Combine(_raddb, file)));

        static string Lines(string text) => string.Concat(text.Split('\n').Select(line => $"\t{line}\n"));
    }

    public void Start() => Pair.Start();

    /// <summary>Asks the gateway to end a session or to change it; from alice, unless it is somebody else.</summary>
    public Ran Dae(string what, string attributes, string secret = DaeSecret, Host? from = null, string to = "10.9.0.1") =>
        (from ?? Alice).Shell($"echo '{attributes}' | radclient -x -r 2 -t 1 {to}:3799 {what} {secret}");

    public void Dispose()
    {
        _freeradius?.Dispose();
        Pair.Dispose();
    }
}
