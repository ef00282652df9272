// Name servers on top of resolv.conf and through resolvconf: what others wrote stays, what we wrote goes, after a crash too.
namespace Cygnet.Linux.Tests;

using Cygnet.Policy;

public sealed class ResolverTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("resolver").FullName;
    readonly List<string> _warnings = [];

    string File_ => Path.Combine(_directory, "resolv.conf");

    public void Dispose() => Directory.Delete(_directory, true);

    static Address Ip(string text) => Address.Parse(text);

    Resolver Open(HostState? state = null, string resolvconf = "/nonexistent") =>
        new(new() { File = File_, Resolvconf = resolvconf }, state ?? new HostState(null), text => { lock (_warnings) _warnings.Add(text); });

    void ShouldBecome(string text) =>
        Assert.True(SpinWait.SpinUntil(() => Now() == text, TimeSpan.FromSeconds(30)), $"resolv.conf is\n{Now()}\ninstead of\n{text}");

    string Now()
    {
        try { return File.ReadAllText(File_); }
        catch (IOException) { return ""; }
    }

    [Fact]
    public void ServersComeOnTopAndGoAgain()
    {
        File.WriteAllText(File_, "# Grüezi\nnameserver 192.0.2.53\nsearch example.org");
        using var resolver = Open();
        Assert.Equal($"installing DNS server 10.1.0.53 to {File_}", resolver.Add(Ip("10.1.0.53")));
        ShouldBecome("nameserver 10.1.0.53   # by Cygnet\n# Grüezi\nnameserver 192.0.2.53\nsearch example.org");
        resolver.Add(Ip("fd01::53"));
        ShouldBecome("nameserver fd01::53   # by Cygnet\nnameserver 10.1.0.53   # by Cygnet\n# Grüezi\nnameserver 192.0.2.53\nsearch example.org");
        Assert.Equal($"removing DNS server 10.1.0.53 from {File_}", resolver.Remove(Ip("10.1.0.53")));
        ShouldBecome("nameserver fd01::53   # by Cygnet\n# Grüezi\nnameserver 192.0.2.53\nsearch example.org");
        resolver.Remove(Ip("fd01::53"));
        ShouldBecome("# Grüezi\nnameserver 192.0.2.53\nsearch example.org");
        Assert.Null(resolver.Remove(Ip("fd01::53")));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void WhatOthersWriteMeanwhileStays()
    {
        File.WriteAllText(File_, "nameserver 192.0.2.53\n");
        using var resolver = Open();
        resolver.Add(Ip("10.1.0.53"));
        ShouldBecome("nameserver 10.1.0.53   # by Cygnet\nnameserver 192.0.2.53\n");
        File.WriteAllText(File_, "nameserver 192.0.2.54\n");
        resolver.Add(Ip("10.1.0.54"));
        ShouldBecome("nameserver 10.1.0.54   # by Cygnet\nnameserver 10.1.0.53   # by Cygnet\nnameserver 192.0.2.54\n");
        resolver.Dispose();
        ShouldBecome("nameserver 192.0.2.54\n");
    }

    [Fact]
    public void EachServerIsCounted()
    {
        File.WriteAllText(File_, "");
        using var resolver = Open();
        resolver.Add(Ip("10.1.0.53"));
        Assert.Equal("DNS server 10.1.0.53 already installed, increasing refcount", resolver.Add(Ip("10.1.0.53")));
        Assert.Equal("DNS server 10.1.0.53 still used, decreasing refcount", resolver.Remove(Ip("10.1.0.53")));
        ShouldBecome("nameserver 10.1.0.53   # by Cygnet\n");
        resolver.Remove(Ip("10.1.0.53"));
        ShouldBecome("");
    }

    [Fact]
    public void LinesThatACrashLeftGoAtTheStart()
    {
        File.WriteAllText(File_, "nameserver 10.1.0.53   # by Cygnet\nnameserver 192.0.2.53\nnameserver 10.1.0.54   # by Cygnet  \n");
        using var resolver = Open();
        ShouldBecome("nameserver 192.0.2.53\n");
    }

    [Fact]
    public void AFileThatWasNotThereIsMadeAndALinkStaysOne()
    {
        var target = Path.Combine(_directory, "target");
        File.CreateSymbolicLink(File_, target);
        using (var resolver = Open())
        {
            resolver.Add(Ip("10.1.0.53"));
            ShouldBecome("nameserver 10.1.0.53   # by Cygnet\n");
        }
        Assert.Equal("", File.ReadAllText(target));
        Assert.NotNull(new FileInfo(File_).LinkTarget);
    }

    [Fact]
    public void WhatCannotBeWrittenIsSaid()
    {
        Directory.CreateDirectory(File_ + ".d");
        using var resolver = new Resolver(new() { File = Path.Combine(File_ + ".d", "no", "file"), Resolvconf = "/nonexistent" }, new HostState(null), text => { lock (_warnings) _warnings.Add(text); });
        resolver.Add(Ip("10.1.0.53"));
        Assert.True(SpinWait.SpinUntil(() => { lock (_warnings) return _warnings.Count == 1; }, TimeSpan.FromSeconds(30)));
        Assert.StartsWith("changing the DNS servers failed: ", _warnings[0]);
    }

    [Fact]
    public void ResolvconfIsAskedIfItIsThere()
    {
        var (program, calls, state) = (Path.Combine(_directory, "resolvconf"), Path.Combine(_directory, "calls"), Path.Combine(_directory, "state"));
        File.WriteAllText(program, $"#!/bin/sh\necho \"$1 $2 $([ $1 = -a ] && cat)\" >> {calls}\n[ $1 = -a ] || echo oops >&2\n");
        TestNetwork.Run($"chmod 755 {program}");
        using (var host = new HostState(state))
        using (var resolver = Open(host, program))
        {
            Assert.Equal("installing DNS server 10.1.0.53 via resolvconf", resolver.Add(Ip("10.1.0.53")));
            resolver.Add(Ip("fd01::53"));
            Assert.Equal("removing DNS server 10.1.0.53 via resolvconf", resolver.Remove(Ip("10.1.0.53")));
        }
        Assert.Equal(["-a lo.inet.ipsec.10.1.0.53 nameserver 10.1.0.53", "-a lo.inet.ipsec.fd01::53 nameserver fd01::53", "-d lo.inet.ipsec.10.1.0.53 ", "-d lo.inet.ipsec.fd01::53 "],
            File.ReadAllLines(calls));
        Assert.Contains("resolvconf: oops", _warnings);
        Assert.False(File.Exists(state));
        Assert.False(File.Exists(File_));

        File.WriteAllText(state, "nameserver 10.1.0.99\naddress wire 10.3.0.1\nnonsense\n");
        File.Delete(calls);
        using (var host = new HostState(state))
        using (Open(host, program)) Assert.Equal(("wire", Ip("10.3.0.1")), Assert.Single(host.LeftAddresses));
        Assert.Equal(["-d lo.inet.ipsec.10.1.0.99 "], File.ReadAllLines(calls));
    }
}
