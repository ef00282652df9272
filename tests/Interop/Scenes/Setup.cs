// The ipsec.conf files of a pair, one conn seen from both ends.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>What the two ends of a connection agree on, and where each differs.</summary>
sealed record Setup
{
    /// <summary>psk, rsa, ecdsa or ed25519.</summary>
    public string Auth { get; init; } = "psk";

    /// <summary>The outer addresses: 192.168.0.x, or fd00::x.</summary>
    public bool IsOuterV6 { get; init; }

    /// <summary>The subnets behind moon and behind sun.</summary>
    public string MoonNet { get; init; } = "10.1.0.0/24";

    public string SunNet { get; init; } = "10.2.0.0/24";

    /// <summary>Lines of the conn on both ends.</summary>
    public string[] Both { get; init; } = ["ike=aes128-sha256-x25519!", "esp=aes128gcm16-x25519!"];

    /// <summary>Lines of the conn on one end; they win over those of both.</summary>
    public string[] Moon { get; init; } = [];

    public string[] Sun { get; init; } = [];

    /// <summary>Whole sections after net-net, on both ends, written as moon sees them; left and right are swapped for sun.</summary>
    public string More { get; init; } = "";

    /// <summary>Whole sections that only sun has.</summary>
    public string SunMore { get; init; } = "";

    /// <summary>Lines of config setup on one end.</summary>
    public string[] MoonSetup { get; init; } = [];

    public string[] SunSetup { get; init; } = [];

    public string MoonSecret { get; init; } = Pair.Secret;

    /// <summary>Writes both gateways' files.</summary>
    public void Write(Pair pair)
    {
        pair.Moon.Configure(Conf("moon", "sun", MoonNet, SunNet, Moon, MoonSetup) + More, Secrets(pair.Moon, MoonSecret));
        pair.Sun.Configure(Conf("sun", "moon", SunNet, MoonNet, Sun, SunSetup) + Pair.Turned(More) + SunMore, Secrets(pair.Sun, Pair.Secret));
    }

    string Conf(string left, string right, string leftNet, string rightNet, string[] own, string[] setup)
    {
        List<string> lines =
        [
            "keyexchange=ikev2", "mobike=no", "reauth=no", $"left={Outer(left)}", $"right={Outer(right)}",
            $"leftid={Id(left)}", $"rightid={Id(right)}", $"leftsubnet={leftNet}", $"rightsubnet={rightNet}",
        ];
        lines.AddRange(Auth == "psk" ? ["authby=secret"] : [$"leftcert={left}-{Auth}.pem"]);
        string[] ownKeys = [.. own.Select(line => line.Split('=')[0])];
        lines.AddRange(Both.Where(line => !ownKeys.Contains(line.Split('=')[0])));
        lines.RemoveAll(line => ownKeys.Contains(line.Split('=')[0]));
        lines.AddRange(own);
        if (!ownKeys.Contains("auto"))
            lines.Add("auto=add");
        return "config setup\n" + string.Concat(setup.Select(line => $"\t{line}\n")) + "\nconn net-net\n" + string.Concat(lines.Select(line => $"\t{line}\n")) + "\n";
    }

    // ECDSA goes by the certificate's subject, the others by its alternative name.
    string Id(string host) => Auth == "ecdsa" ? $"\"{TestPki.Subject(host, Auth)}\"" : $"@{host}.cygnet.test";

    string Outer(string host) => (host, IsOuterV6) switch
    {
        ("moon", false) => "192.168.0.1",
        ("moon", true) => "fd00::1",
        (_, false) => "192.168.0.2",
        _ => "fd00::2",
    };

    string Secrets(Gateway gateway, string secret) => Auth == "psk" ? $": PSK \"{secret}\"\n" : TestPki.Give(gateway);
}
