// Network namespaces of a test's own, joined by a veth pair; gone when the test is over.
using System.Diagnostics;
using Cygnet.Linux.Native;

namespace Cygnet.Linux.Tests;

/// <summary>Two namespaces A and B on one wire: 192.0.2.1 and .2, 2001:db8::1 and ::2.</summary>
sealed class TestNetwork : IDisposable
{
    static int s_next;

    public string A { get; }
    public string B { get; }

    public TestNetwork()
    {
        var name = $"cyg-t-{Environment.ProcessId}-{Interlocked.Increment(ref s_next)}";
        (A, B) = (name + "a", name + "b");
        try
        {
            foreach (var ns in (string[])[A, B])
            {
                Run($"ip netns add {ns}");
                // No duplicate address detection: addresses are to be usable at once.
                Run($"ip netns exec {ns} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0");
                Run($"ip -n {ns} link set lo up");
            }
            Run($"ip -n {A} link add wire type veth peer name wire netns {B}");
            foreach (var (ns, host) in ((string, int)[])[(A, 1), (B, 2)])
            {
                Run($"ip -n {ns} addr add 192.0.2.{host}/24 dev wire");
                Run($"ip -n {ns} addr add 2001:db8::{host}/64 dev wire nodad");
                Run($"ip -n {ns} link set wire up");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs a command in a namespace; its output, or an exception if it fails.</summary>
    public static string In(string ns, string command) => Run($"ip netns exec {ns} {command}");

    public static string Run(string command)
    {
        var words = command.Split(' ');
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{command}: {process.ExitCode}: {output}{errors.Result}");
    }

    /// <summary>Runs code on a thread that lives in the namespace; what it opens belongs there.</summary>
    public static T Enter<T>(string ns, Func<T> code)
    {
        T? result = default;
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var descriptor = Descriptor.Take(Libc.Open($"/run/netns/{ns}", OpenFlag.ReadOnly | OpenFlag.CloseOnExec), ns);
                const int cloneNewNet = 0x40000000;
                if (Libc.SetNs(descriptor.Fd, cloneNewNet) != 0) throw new LinuxException(Libc.Errno, "setns");
                result = code();
            }
            catch (Exception e)
            {
                fault = e;
            }
        });
        thread.Start();
        thread.Join();
        return fault is null ? result! : throw new InvalidOperationException($"in {ns}: {fault.Message}", fault);
    }

    public static void Enter(string ns, Action code) => Enter(ns, () => { code(); return 0; });

    public void Dispose()
    {
        foreach (var ns in (string[])[A, B])
            if (File.Exists($"/run/netns/{ns}")) Run($"ip netns del {ns}");
    }
}
