// IKE set-ups at a responder: one load generator against Cygnet and strongSwan in turn, a row for each way to authenticate and exchange keys.
using System.Diagnostics;
using System.Text.RegularExpressions;
using Cygnet.Auth;
using Cygnet.Benchmarks.Load;
using Cygnet.Interop.Testbed;

namespace Cygnet.Benchmarks;

/// <summary>
/// What a set-up costs the responder, and how many a second this machine does with both ends on it. The first set-ups are told apart: Cygnet
/// compiles then what became hot, a second or so in all. strongSwan's CPU for each CHILD_SA grows with how many there are.
/// </summary>
static partial class Handshakes
{
    const string Responder = "192.168.0.100";
    const int Sources = 2;

    static int WarmUp => FromEnvironment.Number("BENCH_WARM_UP", 2000);

    static int Measured => FromEnvironment.Number("BENCH_HANDSHAKES", 2000);

    static int AtOnce => FromEnvironment.Number("BENCH_AT_ONCE", 32);

    public static void Run(Report report, int rounds)
    {
        Console.WriteLine($"{Measured} set-ups after {WarmUp} to warm up, {AtOnce} at once; {HandshakeRow.Esp} where there is a CHILD_SA; {Sources} sources");
        var credentials = LoadCredentials.Make();
        for (var round = 1; round <= rounds; round++)
            foreach (var row in HandshakeRow.All.Where(IsAsked))
                foreach (var product in (ReadOnlySpan<Product>)[Product.Cygnet, Product.StrongSwan])
                {
                    if (Environment.GetEnvironmentVariable("BENCH_ONLY") is { Length: > 0 } only && only != product.ToString())
                        continue;
                    if ((row.Missing ?? (product == Product.StrongSwan ? row.Peer : null)) is { } why)
                    {
                        if (round == 1)
                            report.Lacks(row.Name, product, why);
                        continue;
                    }
                    Console.WriteLine($"round {round}: {product}, {row.Name}");
                    using var bed = new Bed($"bench-handshake-{product}");
                    try
                    {
                        bed.Play(() => Measure(report, bed, row, product, credentials));
                    }
                    catch (BedFailure e)
                    {
                        // One row that fails is told; the others are measured all the same.
                        report.Lacks(row.Name, product, e.Message.Split('\n')[0]);
                    }
                }
    }

    /// <summary>BENCH_ROWS: the rows to measure, by their names or parts of names; a word that is a row's whole name means that row alone.</summary>
    static bool IsAsked(HandshakeRow row) => Environment.GetEnvironmentVariable("BENCH_ROWS") is not { Length: > 0 } words
        || words.Split(';').Any(word => HandshakeRow.All.Any(r => r.Name == word) ? row.Name == word : row.Name.Contains(word));

    static void Measure(Report report, Bed bed, HandshakeRow row, Product product, CredentialStore credentials)
    {
        var (load, sun) = (bed.Host("load"), bed.Gateway("sun", product));
        // Nobody looks at this cable: a capture would compete with both ends.
        bed.Cable(load, "eth0", sun.Host, "eth0").Dispose();
        sun.Host.AddAddress("eth0", $"{Responder}/24");
        sun.Host.AddAddress("lo", "10.128.0.1/32");
        for (var source = 1; source <= Sources; source++)
            load.AddAddress("eth0", $"192.168.0.{source}/24");
        Configure(sun, row);
        sun.Start();
        var daemon = sun.CharonPid();

        using (var initiators = new Initiators([.. Enumerable.Range(1, Sources).Select(source => new Initiator(load.Net, $"192.168.0.{source}", Responder, credentials))]))
        {
            var started = Usage.Cpu(daemon);
            initiators.SetUp([.. Enumerable.Range(0, WarmUp).Select(i => row.Client(i, Responder))], AtOnce);
            var clients = Enumerable.Range(WarmUp, Measured).Select(i => row.Client(i, Responder)).ToArray();
            var (memory, cpu, own, sent) = (Usage.Memory(daemon), Usage.Cpu(daemon), Usage.Cpu(Environment.ProcessId), initiators.Sent);
            var clock = Stopwatch.StartNew();
            initiators.SetUp(clients, AtOnce);
            var seconds = clock.Elapsed.TotalSeconds;
            report.Add(row.Name, "CPU of the first, ms per SA", product, (cpu - started) * 1000 / WarmUp);
            report.Add(row.Name, "set-ups per second", product, Measured / seconds);
            report.Add(row.Name, "responder CPU, ms per SA", product, (Usage.Cpu(daemon) - cpu) * 1000 / Measured);
            report.Add(row.Name, "responder memory, KB per SA", product, (Usage.Memory(daemon) - memory) / Measured);
            report.Add(row.Name, "responder memory, MB in all", product, Usage.PeakMemory(daemon));
            report.Add(row.Name, "initiator CPU, ms per SA", product, (Usage.Cpu(Environment.ProcessId) - own) * 1000 / Measured);
            report.Add(row.Name, "datagrams more than needed", product, initiators.Sent - sent - row.Datagrams * Measured);
        }
        ShouldHave(sun, WarmUp + Measured, row.HasChild);
    }

    static void Configure(Gateway sun, HandshakeRow row)
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
        var keys = TestPki.Give(sun);
        // Both with ESP in UDP: strongSwan's user-space plane knows nothing else.
        sun.Configure($"""
            config setup
            	uniqueids=never

            conn load
            	keyexchange=ikev2
            	ike={row.Ike}!
            	esp={HandshakeRow.Esp}!
            	forceencaps=yes
            	mobike=no
            	rekey=no
            	{row.Conf}
            	left={Responder}
            	leftsubnet=10.128.0.0/9
            	right=%any
            	rightsubnet=10.0.0.0/9
            	auto=add

            """, $": PSK \"{LoadCredentials.Secret}\"\n: EAP \"{LoadCredentials.Password}\"\n{keys}");
    }

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
