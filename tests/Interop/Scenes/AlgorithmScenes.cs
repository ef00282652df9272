// Every algorithm that both ends have, each alone in its proposal: the SA comes up, carries a packet, and goes.
using System.Text;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class AlgorithmScenes
{
    // More than other scenes need: XCBC with Camellia, and MD5.
    const string Plugins = "aesni aes sha2 sha1 md5 mgf1 random nonce x509 revocation constraints pubkey pkcs1 pem openssl pkcs8 curve25519 chapoly xcbc cmac hmac kdf ctr ccm gcm stroke vici updown kernel-libipsec kernel-netlink socket-default";

    /// <summary>Whether Cygnet initiates or responds; the other end is strongSwan.</summary>
    public static readonly TheoryData<bool> Roles = [true, false];

    [Theory, MemberData(nameof(Roles))]
    public void Every_algorithm_of_IKE_and_ESP(bool isInitiator)
    {
        using var pair = new Pair($"algorithms-{(isInitiator ? "initiates" : "responds")}",
            isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
        pair.Bed.Play(() =>
        {
            var rows = Rows();
            Configure(pair.Moon, "moon", "sun", rows);
            Configure(pair.Sun, "sun", "moon", rows);
            foreach (var gateway in (Gateway[])[pair.Moon, pair.Sun])
                // Private-use ids, which Camellia-XCBC has, are taken from peers of the same vendor alone if this is not said.
                gateway.Settings(gateway.Product == Product.Cygnet ? "" : $"load = {Plugins}\naccept_private_algs = yes");
            pair.Start();

            var failed = new List<string>();
            for (var i = 0; i < rows.Count; i++)
            {
                var up = pair.Moon.Up($"row-{i}");
                var isUp = up.Output.Contains($"connection 'row-{i}' established successfully");
                var passes = isUp && pair.Moon.Ping("10.1.0.1", "10.2.0.1", 1).ExitCode == 0;
                if (!passes) failed.Add($"ike={rows[i].Ike} esp={rows[i].Esp}: {(isUp ? "no packet passes" : string.Join(" / ", up.Output.TrimEnd().Split('\n').TakeLast(3)))}");
                pair.Moon.Down($"row-{i}");
                Wait.Until($"row {i} is gone at both ends", () => pair.Moon.Sas().Ike.Count == 0 && pair.Sun.Sas().Ike.Count == 0);
            }
            if (failed.Count > 0) throw new BedFailure($"{failed.Count} of {rows.Count} rows failed:\n{string.Join('\n', failed)}");
            pair.ShouldBeClean();
        });
    }

    // One IKE proposal and one of ESP a row; the shorter list begins anew.
    static List<(string Ike, string Esp)> Rows()
    {
        string[] ike = [.. AlgorithmTable.Ike.Where(AlgorithmTable.PeerHasIke)], esp = [.. AlgorithmTable.Esp.Where(AlgorithmTable.PeerHasEsp)];
        return [.. Enumerable.Range(0, Math.Max(ike.Length, esp.Length)).Select(i => (ike[i % ike.Length], esp[i % esp.Length]))];
    }

    // An identity a row, so that the responder takes the same conn.
    static void Configure(Gateway gateway, string left, string right, List<(string Ike, string Esp)> rows)
    {
        var conf = new StringBuilder($"""
            config setup

            conn %default
            	keyexchange=ikev2
            	mobike=no
            	reauth=no
            	auto=add
            	authby=secret
            	left={(left == "moon" ? "192.168.0.1" : "192.168.0.2")}
            	right={(left == "moon" ? "192.168.0.2" : "192.168.0.1")}
            	leftsubnet={(left == "moon" ? "10.1.0.0/24" : "10.2.0.0/24")}
            	rightsubnet={(left == "moon" ? "10.2.0.0/24" : "10.1.0.0/24")}


            """);
        for (var i = 0; i < rows.Count; i++)
            conf.Append($"conn row-{i}\n\tleftid=@{left}-{i}.cygnet.test\n\trightid=@{right}-{i}.cygnet.test\n\tike={rows[i].Ike}!\n\tesp={rows[i].Esp}!\n\n");
        gateway.Configure(conf.ToString(), $": PSK \"{Pair.Secret}\"\n");
    }
}
