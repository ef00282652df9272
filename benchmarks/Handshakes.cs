// IKE set-ups at a responder: one load generator against Cygnet and strongSwan in turn, IKE_SA alone and with a CHILD_SA.
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Cygnet.Benchmarks.Load;
using Cygnet.Interop.Testbed;
using Cygnet.Crypto;
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

    static int Measured => Setting("BENCH_HANDSHAKES", 2000);

    static int AtOnce => Setting("BENCH_AT_ONCE", 32);

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

        var initiators = Enumerable.Range(1, Sources).Select(source => new Initiator(load.Net, $"192.168.0.{source}", Responder, Secret)).ToArray();
        try
        {
            Spread(initiators, 0, WarmUp, hasChild);
            var (memory, cpu, own, sent) = (Usage.Memory(daemon), Usage.Cpu(daemon), Usage.Cpu(Environment.ProcessId), initiators.Sum(i => i.Sent));
            var clock = Stopwatch.StartNew();
            Spread(initiators, WarmUp, Measured, hasChild);
            var seconds = clock.Elapsed.TotalSeconds;
            report.Add(name, "set-ups per second", product, Measured / seconds);
            report.Add(name, "responder CPU, ms per SA", product, (Usage.Cpu(daemon) - cpu) * 1000 / Measured);
            report.Add(name, "responder memory, KB per SA", product, (Usage.Memory(daemon) - memory) / Measured);
            report.Add(name, "responder memory, MB in all", product, Usage.PeakMemory(daemon));
            report.Add(name, "initiator CPU, ms per SA", product, (Usage.Cpu(Environment.ProcessId) - own) * 1000 / Measured);
            report.Add(name, "datagrams sent twice", product, initiators.Sum(i => i.Sent) - sent - 2 * Measured);
        }
        finally
        {
            foreach (var initiator in initiators)
                initiator.Dispose();
        }
        ShouldHave(sun, WarmUp + Measured, hasChild);
    }

    /// <summary>The initiators share the SAs, each on a thread of its own.</summary>
    static void Spread(Initiator[] initiators, int first, int count, bool hasChild)
    {
        Exception? failure = null;
        var threads = initiators.Select((initiator, n) =>
        {
            Connection[] connections = [.. Enumerable.Range(first, count).Where(i => i % initiators.Length == n).Select(i => Client(i, hasChild))];
            return new Thread(() =>
            {
                try
                {
                    initiator.SetUp(connections, Math.Max(1, AtOnce / initiators.Length));
                }
                catch (Exception e)
                {
                    failure = e;
                }
            });
        }).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        if (failure is not null)
            throw new BedFailure(failure.Message, failure);
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

    /// <summary>Client number i: an identity and an inner address that no other has.</summary>
    static Connection Client(int i, bool hasChild) => new()
    {
        Name = "load",
        Version = IkeVersion.V2,
        RemoteAddrs = [Responder],
        RemotePort = 4500,
        Proposals = Proposals(SecurityProtocol.Ike, IkeProposal),
        Local = [new AuthRound { Class = AuthClass.Psk, Id = Identity.Parse($"u{i}@load.example") }],
        Remote = [new AuthRound { Class = AuthClass.Psk, Id = Identity.Parse("@sun.cygnet.test") }],
        Unique = UniquePolicy.Never,
        Mobike = false,
        RekeyTime = TimeSpan.Zero,
        Children = hasChild
            ?
            [
                new ChildConfig
                {
                    Name = "load",
                    LocalTs = [TrafficSelector.Single(Address.FromV4((10u << 24) + 256 + (uint)i))],
                    RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.128.0.0"), 9)],
                    Proposals = Proposals(SecurityProtocol.Esp, EspProposal),
                },
            ]
            : [],
    };

    static ImmutableArray<Proposal> Proposals(SecurityProtocol protocol, string words) =>
        ProposalText.TryParse(protocol, words + "!", out var proposals, out var error) ? proposals : throw new BedFailure($"{words}: {error}");

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

    static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var set) && set > 0 ? set : otherwise;

    [GeneratedRegex(@"Security Associations.*")]
    private static partial Regex Summary();

    [GeneratedRegex(@"\{\d+\}:  INSTALLED, TUNNEL")]
    private static partial Regex InstalledChild();
}
