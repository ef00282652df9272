// Many established, idle pairs of IKE_SA and CHILD_SA in one charon: their memory, their liveness checks, and status beside them.
using System.Diagnostics;
using System.Globalization;
using Cygnet.Benchmarks.Load;
using Cygnet.Control;
using Cygnet.Interop.Testbed;
using Cygnet.Policy;

namespace Cygnet.Benchmarks;

/// <summary>The data plane only counts, so that what is measured is the daemon. BENCH_SAS: how many pairs (100,000).</summary>
static class Scale
{
    const string Responder = "192.168.0.100";
    const string IkeProposal = "aes128-sha256-x25519", EspProposal = "aes128gcm16";
    const int Sources = 2, AtOnce = 32, WarmUp = 200, WatchSeconds = 20;

    static int LivenessSeconds => FromEnvironment.Number("BENCH_SECONDS", 60);

    static int Most => Math.Max(10 * WarmUp, FromEnvironment.Number("BENCH_SAS", 100_000));

    public static void Run(Report report, int rounds)
    {
        Console.WriteLine($"{Most} pairs, PSK, {IkeProposal}, {EspProposal}, data_plane = fake, dpddelay={LivenessSeconds}s; one round, whatever BENCH_ROUNDS says");
        using var bed = new Bed("bench-scale");
        bed.Play(() => Measure(report, bed));
    }

    static void Measure(Report report, Bed bed)
    {
        var (load, sun) = (bed.Host("load"), bed.Gateway("sun", Product.Cygnet));
        // Nobody looks at this cable: a capture would compete with both ends.
        bed.Cable(load, "eth0", sun.Host, "eth0").Dispose();
        sun.Host.AddAddress("eth0", $"{Responder}/24");
        for (var source = 1; source <= Sources; source++)
            load.AddAddress("eth0", $"192.168.0.{source}/24");
        Configure(sun);
        sun.Start();
        var daemon = sun.CharonPid();
        var credentials = LoadCredentials.Make();
        using var initiators = new Initiators([.. Enumerable.Range(1, Sources).Select(source => new Initiator(load.Net, $"192.168.0.{source}", Responder, credentials))]);

        // What the first SAs cost once (code, tables of algorithms) is no part of the others' price.
        initiators.SetUp([.. Enumerable.Range(0, WarmUp).Select(Client)], AtOnce);
        var empty = Memory.Of(sun.Host, daemon);
        var (done, clock, cpu) = (WarmUp, Stopwatch.StartNew(), Usage.Cpu(daemon));
        foreach (var part in (double[])[0.1, 0.25, 0.5, 1])
        {
            var until = (int)(Most * part);
            for (; done < until; done = Math.Min(until, done + 5000))
                initiators.SetUp([.. Enumerable.Range(done, Math.Min(5000, until - done)).Select(Client)], AtOnce);
            var resident = Usage.Memory(daemon) * 1000;
            if (Environment.GetEnvironmentVariable("BENCH_VERBOSE") is { Length: > 0 })
                Console.WriteLine(string.Join(' ', DaemonCall.Run(sun.Host, "x-memory").Values.Select(v => $"{v.Name}={v.Text}")));
            var now = Memory.Of(sun.Host, daemon);
            var name = string.Create(CultureInfo.InvariantCulture, $"{until:N0} pairs");
            var pairs = until - WarmUp;
            report.Add(name, "managed memory, bytes a pair", Product.Cygnet, (now.Managed - empty.Managed) / pairs);
            report.Add(name, "resident, bytes a pair", Product.Cygnet, (now.Resident - empty.Resident) / pairs);
            report.Add(name, "resident as it grew, MB", Product.Cygnet, resident / 1e6);
            report.Add(name, "resident, MB", Product.Cygnet, now.Resident / 1e6);
            Console.WriteLine($"{name}: {(now.Managed - empty.Managed) / pairs:0} bytes of objects a pair, {(now.Resident - empty.Resident) / pairs:0} resident ({resident / 1e6:0} MB before a collection)");
        }
        report.Add("set-up of all", "pairs per second", Product.Cygnet, (Most - WarmUp) / clock.Elapsed.TotalSeconds);
        report.Add("set-up of all", "CPU, ms a pair", Product.Cygnet, (Usage.Cpu(daemon) - cpu) * 1000 / (Most - WarmUp));
        Liveness(report, sun, daemon, initiators);
        Status(report, sun, daemon, initiators);
    }

    /// <summary>Nothing happens but the checks; each is a request, its response, and their cryptography.</summary>
    static void Liveness(Report report, Gateway sun, int daemon, Initiators initiators)
    {
        var (before, cpu, clock) = (Checks(sun.Host), Usage.Cpu(daemon), Stopwatch.StartNew());
        initiators.Serve(() => clock.Elapsed.TotalSeconds >= LivenessSeconds);
        var (checks, used, seconds) = (Checks(sun.Host) - before, Usage.Cpu(daemon) - cpu, clock.Elapsed.TotalSeconds);
        report.Add("liveness checks", "checks per second", Product.Cygnet, checks / seconds);
        report.Add("liveness checks", "CPU, us a check", Product.Cygnet, used * 1e6 / checks);
        report.Add("liveness checks", "CPU, share of a core", Product.Cygnet, used / seconds);
    }

    /// <summary>IKE goes on while ipsec status lists everything: the longest set-up tells how long a shard was held.</summary>
    static void Status(Report report, Gateway sun, int daemon, Initiators initiators)
    {
        var next = Most;
        var clock = Stopwatch.StartNew();
        var alone = initiators.OneByOne(_ => Client(next++), () => clock.Elapsed.TotalSeconds >= WatchSeconds);
        Ran? status = null;
        double taken = 0, cpu = Usage.Cpu(daemon);
        var command = Task.Run(() =>
        {
            var time = Stopwatch.StartNew();
            status = sun.Host.RunFor(TimeSpan.FromMinutes(10), "ipsec", "status");
            taken = time.Elapsed.TotalSeconds;
        });
        var beside = initiators.OneByOne(_ => Client(next++), () => command.IsCompleted);
        command.GetAwaiter().GetResult();
        status!.ShouldSucceed();
        report.Add("ipsec status", "seconds", Product.Cygnet, taken);
        report.Add("ipsec status", "megabytes", Product.Cygnet, status.Output.Length / 1e6);
        report.Add("ipsec status", "charon's CPU, s", Product.Cygnet, Usage.Cpu(daemon) - cpu);
        foreach (var (name, times) in (ReadOnlySpan<(string, List<double>)>)[("a set-up without it", alone), ("a set-up beside it", beside)])
        {
            report.Add(name, "median, ms", Product.Cygnet, times.Order().ElementAt(times.Count / 2));
            report.Add(name, "longest, ms", Product.Cygnet, times.Max());
        }
        var listed = status.Output.Split('\n').Count(line => line.Contains("]: ESTABLISHED"));
        if (listed < Most)
            throw new BedFailure($"{Most} SAs are up, ipsec status lists {listed}");
    }

    static double Checks(Host host) => DaemonCall.Run(host, "get-counters").Section("counters")?.Sections.First().Number("info-out-req") ?? 0;

    static void Configure(Gateway sun)
    {
        sun.Settings("""
            data_plane = fake
                dos_protection = no
                filelog {
                    log {
                        default = -1
                    }
                }
            """);
        sun.Configure($"""
            config setup
            	uniqueids=never

            conn load
            	keyexchange=ikev2
            	ike={IkeProposal}!
            	esp={EspProposal}!
            	mobike=no
            	reauth=no
            	ikelifetime=24h
            	lifetime=23h
            	dpdaction=clear
            	dpddelay={LivenessSeconds}s
            	authby=secret
            	left={Responder}
            	leftid=@sun.cygnet.test
            	leftsubnet=10.128.0.0/9
            	right=%any
            	rightid=*@load.example
            	rightsubnet=10.0.0.0/9
            	auto=add

            """, $": PSK \"{LoadCredentials.Secret}\"\n");
    }

    static Connection Client(int i) => Clients.Psk(i, IkeProposal, EspProposal, Responder);

    /// <summary>What the daemon holds after a full collection: objects, and what the kernel counts.</summary>
    readonly record struct Memory(double Managed, double Resident)
    {
        public static Memory Of(Host host, int daemon)
        {
            var answer = DaemonCall.Run(host, "x-memory", new ViciSection().Add("collect", "yes"));
            return new(answer.Number("managed"), Usage.Memory(daemon) * 1000);
        }
    }
}
