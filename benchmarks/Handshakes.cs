// IKE set-ups at a responder: one load generator against Cygnet and strongSwan in turn, IKE_SA alone and with a CHILD_SA.
using System.Diagnostics;
using System.Text.RegularExpressions;
using Cygnet.Benchmarks.Load;
using Cygnet.Interop.Testbed;
using Cygnet.Policy;

namespace Cygnet.Benchmarks;

/// <summary>
/// What a set-up costs the responder, and how many a second this machine does with both ends on it. Two figures depend on the number of SAs:
/// Cygnet's CPU holds the compiling of what became hot, a second or two in all; strongSwan's CPU for each CHILD_SA grows with how many there are.
/// </summary>
static partial class Handshakes
{
    const string Secret = "0sFpZAZqEN6Ti9sqt4ZP5EWcqx", Responder = "192.168.0.100";
    const string IkeProposal = "aes128-sha256-x25519", EspProposal = "aes128gcm16";
    const int Sources = 2, WarmUp = 200;

    static readonly (string Name, bool HasChild)[] Cases = [("IKE_SA alone (RFC 6023)", false), ("with a CHILD_SA", true)];

    static int Measured => FromEnvironment.Number("BENCH_HANDSHAKES", 2000);

    static int AtOnce => FromEnvironment.Number("BENCH_AT_ONCE", 32);

    public static void Run(Report report, int rounds)
    {
        Console.WriteLine($"{Measured} set-ups after {WarmUp} to warm up, {AtOnce} at once; PSK, {IkeProposal}, {EspProposal}; {Sources} sources");
        for (var round = 1; round <= rounds; round++)
            foreach (var (name, hasChild) in Cases)
                foreach (var product in (ReadOnlySpan<Product>)[Product.Cygnet, Product.StrongSwan])
                {
                    if (Environment.GetEnvironmentVariable("BENCH_ONLY") is { Length: > 0 } only && only != product.ToString())
                        continue;
                    Console.WriteLine($"round {round}: {product}, {name}");
                    using var bed = new Bed($"bench-handshake-{product}");
                    bed.Play(() => Measure(report, bed, name, product, hasChild));
                }
    }

    static void Measure(Report report, Bed bed, string name, Product product, bool hasChild)
    {
        var (load, sun) = (bed.Host("load"), bed.Gateway("sun", product));
        // Nobody looks at this cable: a capture would compete with both ends.
        bed.Cable(load, "eth0", sun.Host, "eth0").Dispose();
        sun.Host.AddAddress("eth0", $"{Responder}/24");
        sun.Host.AddAddress("lo", "10.128.0.1/32");
        for (var source = 1; source <= Sources; source++)
            load.AddAddress("eth0", $"192.168.0.{source}/24");
        Configure(sun);
        sun.Start();
        var daemon = sun.CharonPid();

        using (var initiators = new Initiators([.. Enumerable.Range(1, Sources).Select(source => new Initiator(load.Net, $"192.168.0.{source}", Responder, Secret))]))
        {
            initiators.SetUp([.. Enumerable.Range(0, WarmUp).Select(i => Client(i, hasChild))], AtOnce);
            var (memory, cpu, own, sent) = (Usage.Memory(daemon), Usage.Cpu(daemon), Usage.Cpu(Environment.ProcessId), initiators.Sent);
            var clock = Stopwatch.StartNew();
            initiators.SetUp([.. Enumerable.Range(WarmUp, Measured).Select(i => Client(i, hasChild))], AtOnce);
            var seconds = clock.Elapsed.TotalSeconds;
            report.Add(name, "set-ups per second", product, Measured / seconds);
            report.Add(name, "responder CPU, ms per SA", product, (Usage.Cpu(daemon) - cpu) * 1000 / Measured);
            report.Add(name, "responder memory, KB per SA", product, (Usage.Memory(daemon) - memory) / Measured);
            report.Add(name, "responder memory, MB in all", product, Usage.PeakMemory(daemon));
            report.Add(name, "initiator CPU, ms per SA", product, (Usage.Cpu(Environment.ProcessId) - own) * 1000 / Measured);
            report.Add(name, "datagrams sent twice", product, initiators.Sent - sent - 2 * Measured);
        }
        ShouldHave(sun, WarmUp + Measured, hasChild);
    }

    static void Configure(Gateway sun)
    {
        sun.Settings("""
            dos_protection = no
                ikesa_table_size = 1024
                ikesa_table_segments = 16
                filelog {
                    log {
                        default = -1
                    }
                }
            """);
        // Both with ESP in UDP: strongSwan's user-space plane knows nothing else.
        sun.Configure($"""
            config setup
            	uniqueids=never

            conn load
            	keyexchange=ikev2
            	ike={IkeProposal}!
            	esp={EspProposal}!
            	forceencaps=yes
            	mobike=no
            	rekey=no
            	authby=secret
            	left={Responder}
            	leftid=@sun.cygnet.test
            	leftsubnet=10.128.0.0/9
            	right=%any
            	rightid=*@load.example
            	rightsubnet=10.0.0.0/9
            	auto=add

            """, $": PSK \"{Secret}\"\n");
    }

    static Connection Client(int i, bool hasChild) => Clients.Psk(i, IkeProposal, hasChild ? EspProposal : null, Responder);

    /// <summary>What the initiators believe, the responder must say too.</summary>
    static void ShouldHave(Gateway sun, int count, bool hasChild)
    {
        var status = sun.Status().Output;
        if (!status.Contains($"Security Associations ({count} up, 0 connecting):"))
            throw new BedFailure($"{count} SAs were set up, but the responder says: {Summary().Match(status).Value}");
        var children = InstalledChild().Count(status);
        if (children != (hasChild ? count : 0))
            throw new BedFailure($"the responder has {children} CHILD_SAs for {count} set-ups");
    }

    [GeneratedRegex(@"Security Associations.*")]
    private static partial Regex Summary();

    [GeneratedRegex(@"\{\d+\}:  INSTALLED, TUNNEL")]
    private static partial Regex InstalledChild();
}
