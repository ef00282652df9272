// The dispatcher: texts and exit codes with and without a daemon.
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class DispatchTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("ipsec").FullName;
    readonly StringWriter _out = new(), _error = new();

    Surroundings World => new(new Paths(_root, _root, "/etc", _root, $"{_root}/strongswan.conf"), _out, _error)
    {
        Connect = () => throw new ViciFailure("failed to connect to vici socket 'unix:///run/charon.vici'"),
    };

    public void Dispose() => Directory.Delete(_root, true);

    int Run(params string[] args) => Ipsec.Run(World, "/usr/sbin/ipsec", args);

    [Theory]
    [InlineData("status", 3)]
    [InlineData("statusall", 3)]
    [InlineData("up x", 7)]
    [InlineData("down x", 7)]
    [InlineData("route x", 7)]
    [InlineData("listall", 7)]
    [InlineData("rereadall", 7)]
    [InlineData("purgeike", 7)]
    [InlineData("leases", 7)]
    [InlineData("listcounters", 7)]
    public void WithoutADaemonNothingIsPrinted(string command, int exitCode)
    {
        Assert.Equal(exitCode, Run(command.Split(' ')));
        Assert.Equal("", $"{_out}{_error}");
    }

    [Theory]
    [InlineData("stop", 0, "Stopping Cygnet IPsec failed: starter is not running\n")]
    [InlineData("reload", 7, "Reloading Cygnet IPsec failed: starter is not running\n")]
    [InlineData("update", 7, "Updating Cygnet IPsec failed: starter is not running\n")]
    [InlineData("--nosuch", 2, "/usr/sbin/ipsec: unknown option `--nosuch' (perhaps command name was omitted?)\n")]
    [InlineData("charon", 2, "/usr/sbin/ipsec: unknown command `charon' (`ipsec --help' for list)\n")]
    [InlineData("../bin/sh", 2, "/usr/sbin/ipsec: unknown command `../bin/sh' (`ipsec --help' for list)\n")]
    [InlineData("nosuchcommand", 2, "/usr/sbin/ipsec: unknown command `nosuchcommand' (`ipsec --help' for list)\n")]
    [InlineData("pki", 2, "/usr/sbin/ipsec: unknown command `pki' (`ipsec --help' for list)\n")]
    public void ErrorsGoToStandardError(string command, int exitCode, string expected)
    {
        Assert.Equal(exitCode, Run(command));
        Assert.Equal(expected, _error.ToString());
        Assert.Equal("", _out.ToString());
    }

    [Theory]
    [InlineData("up")]
    [InlineData("down")]
    [InlineData("route")]
    [InlineData("unroute")]
    public void OneNameIsWanted(string command)
    {
        Assert.Equal(2, Run(command));
        Assert.Equal(2, Run(command, "a", "b"));
        Assert.Equal(string.Concat(Enumerable.Repeat($"Usage: ipsec {command} <connection name>\n", 2)), _out.ToString());
    }

    [Fact]
    public void AnswersWithoutADaemon()
    {
        Assert.Equal(0, Run("--directory"));
        Assert.Equal(0, Run("--confdir"));
        Assert.Equal(0, Run("--versioncode"));
        Assert.Equal($"{_root}\n/etc\nU0.1.0/K{Product.KernelRelease}\n", _out.ToString());
        _out.GetStringBuilder().Clear();
        Assert.Equal(0, Run("version"));
        Assert.StartsWith($"Linux Cygnet U0.1.0/K{Product.KernelRelease}\n", _out.ToString());
        _out.GetStringBuilder().Clear();
        Assert.Equal(0, Run());
        Assert.StartsWith("ipsec command [arguments]\n\nUse --help for a list of commands, or refer to the ipsec(8) man page.\n", _out.ToString());
        _out.GetStringBuilder().Clear();
        Assert.Equal(0, Run("--help"));
        Golden.Equal("help.txt", _out.ToString());
    }

    [Fact]
    public void CopyrightIsStillThere()
    {
        Assert.Equal(0, Run("--copyright"));
        Assert.Equal(0, Run("copyright"));
        Assert.Contains("Licensed under the Apache License, Version 2.0", _out.ToString());
    }

    [Fact]
    public void AProgramOfTheUtilitiesDirectoryRunsWithItsSurroundings()
    {
        var program = $"{_root}/dingdong";
        File.WriteAllText(program, $"#!/bin/sh\necho \"$0 $# $1 $IPSEC_DIR $IPSEC_CONFDIR $IPSEC_SCRIPT $IPSEC_NAME $IPSEC_CHARON_PID\" > {_root}/said\nexit 5\n");
        Assert.Equal(2, Run("dingdong")); // not executable yet
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(5, Run("dingdong", "a b", "--c"));
        Assert.Equal($"{program} 2 a b {_root} /etc ipsec Cygnet {_root}/charon.pid\n", File.ReadAllText($"{_root}/said"));
    }

    [Fact]
    public void WithADaemonThatDoesNotListen()
    {
        File.WriteAllText($"{_root}/charon.pid", "1\n");
        Assert.Equal(255, Run("up", "x"));
        Assert.Equal("failed to connect to vici socket 'unix:///run/charon.vici'\n", _error.ToString());
    }

    [Fact]
    public void StatusTellsADeadStarter()
    {
        File.WriteAllText($"{_root}/starter.charon.pid", "4194305\n"); // above the highest possible number
        Assert.Equal(1, Run("status"));
        File.WriteAllText($"{_root}/starter.charon.pid", $"{Environment.ProcessId}\n");
        Assert.Equal(0, Run("status"));
    }
}
