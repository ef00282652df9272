// Odd and broken files, read by strongSwan's starter and by ours side by side: same verdict, the same sections and values looked at, and every line of the reference in ours, in its order.
using System.Diagnostics;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class ConfTestCorpusTests : IDisposable
{
    const string Reference = "/usr/lib/ipsec/starter";

    readonly string _root = Directory.CreateTempSubdirectory("ipsec").FullName;

    public ConfTestCorpusTests() => File.WriteAllText(Path.Combine(_root, "ipsec.secrets"), "");

    public void Dispose() => Directory.Delete(_root, true);

    /// <summary>A file each; §x is a file beside it.</summary>
    public static TheoryData<string> Files() =>
    [
        "", "\n", "   \n\t\n", "# nothing\n", "version 2.0\nconfig setup\n", "  version 2.0\n", "config setup", "config  setup\n", "config\n", "config setup extra\n", "conn\n", "conn \n", "ca\n",
        "conn a b\n", "conn \"a b\"\n", "conn \"\"\n", "conn a#b\n", "conn a\\b\n", "conn a\n\n\n  # x\n  left=1.2.3.4\n", "conn a\nleft=1.2.3.4\n", "left=1.2.3.4\n", "  left=1.2.3.4\n",
        "conn a\n  left\n", "conn a\n  left 1.2.3.4\n", "conn a\n  =x\n", "conn a\n  left==x\n", "conn a\n  left=x=y\n", "conn a\n  left=\n", "conn a\n  left=\"\"\n", "conn a\n  left=\"x\n", "conn a\n  left=\"x\ny\"\n",
        "conn a\n  left=\"x\\\ny\"\n", "conn a\n  left=x \"y\" z\n", "conn a\n  left=\"x\"\"y\"\n", "conn a\n  left=x\"y\"z\n", "conn a\n  left=x # y\n", "conn a\n  left=x#y\n", "conn a\n  leftid=@#1234\n", "conn a\n  leftid=#1234\n",
        "conn a\n  leftid=\"C=CH, O=x, CN=y\"\n", "conn a\n  leftid=C=CH, O=x\n", "conn a\n\tleft\t=\t1.2.3.4\t\n", "conn a\r\n  left=1.2.3.4\r\n", "conn a\n  left=1.2.3.4", "conn a\n  left = \"1.2.3.4\" \n", "conn a\n  left=\\x\n",
        "conn a\n  lefft=1.2.3.4\n  auto=add\n", "conn a\n  pfs=yes\n", "conn a\n  pfsgroup=modp1024\n  eap=md5\n", "config setup\n  nat_traversal=yes\n  charonstart=yes\n  plutostart=no\n", "config setup\n  pkcs11module=/x\n", "ca x\n  ldaphost=y\n",
        "config setup\n  uniqueids=maybe\n", "config setup\n  uniqueids=\n", "config setup\n  foo=bar\n", "config setup\n  left=1.2.3.4\n", "config setup\n  strictcrlpolicy=sometimes\n", "config setup\n  cachecrls=perhaps\n",
        "conn a\n  strictcrlpolicy=yes\n", "conn a\n  cacert=x\n", "ca x\n  left=1\n", "ca x\n  auto=maybe\n", "conn a\n  auto=maybe\n", "conn a\n  auto=Add\n", "conn a\n  dpddelay=3x\n", "conn a\n  dpddelay=3m 4s\n", "conn a\n  dpddelay=1.5h\n",
        "conn a\n  dpddelay=\n", "conn a\n  dpddelay=-3\n", "conn a\n  ikelifetime=3d\n", "conn a\n  ikelifetime=99999999999h\n", "conn a\n  rekeyfuzz=100\n", "conn a\n  rekeyfuzz=100%\n", "conn a\n  rekeyfuzz=100%x\n", "conn a\n  rekeyfuzz=x\n",
        "conn a\n  keyingtries=%forever\n", "conn a\n  keyingtries=forever\n", "conn a\n  keyingtries=0\n", "conn a\n  keyingtries=3x\n", "conn a\n  reqid=x\n", "conn a\n  reqid=0x10\n", "conn a\n  lifebytes=1k\n", "conn a\n  lifebytes=-1\n",
        "conn a\n  mark=x\n", "conn a\n  mark=1/2/3\n", "conn a\n  mark=0x10/0xff\n", "conn a\n  mark=%unique\n", "conn a\n  mark=\n", "conn a\n  tfc=x\n", "conn a\n  tfc=%mtu\n", "conn a\n  ikedscp=12\n", "conn a\n  ikedscp=000000\n", "conn a\n  ikedscp=0000000000\n",
        "conn a\n  type=tunel\n", "conn a\n  authby=foo\n", "conn a\n  rekey=maybe\n", "conn a\n  mobike=1\n", "conn a\n  fragmentation=maybe\n", "conn a\n  dpdaction=maybe\n", "conn a\n  closeaction=trap\n", "conn a\n  leftsendcert=perhaps\n",
        "conn a\n  leftfirewall=yes\n  leftupdown=/x\n", "conn a\n  leftfirewall=yes\n", "conn a\n  leftprotoport=tcp\n", "conn a\n  leftprotoport=tcp/http\n", "conn a\n  leftprotoport=nope/1\n", "conn a\n  leftprotoport=17/70000\n", "conn a\n  leftprotoport=6/1-x\n", "conn a\n  leftprotoport=6/x-1\n", "conn a\n  leftprotoport=6/1-70000\n", "conn a\n  mark=1/2x\n", "conn a\n  mark=x/1\n", "conn a\n  mark=1x/2\n", "ca \"\"\n\n  cacert=x\n",
        "conn a\n  leftikeport=x\n", "conn a\n  leftikeport=70000\n", "conn a\n  leftsubnet=x\n", "conn a\n  also=b\n", "conn a\n  also=a\n", "conn a\n  also=b\nconn b\n  also=a\n", "conn a\n  also=%default\n", "conn a\n  also=\n",
        "conn b\n  dpddelay=x\nconn a\n  also=b\n", "conn %default\n  dpddelay=x\nconn a\n  left=1.2.3.4\nconn b\n  left=1.2.3.5\n", "conn %default\n  foo=x\nconn a\n  left=1.2.3.4\n", "conn a\n  dpddelay=x\n  rekeyfuzz=y\n  auto=maybe\n",
        "conn a\n  dpddelay=x\nconn a\n  dpddelay=3\n", "conn a\n  left=1\nca a\n  auto=add\nconfig setup\n", "config setup\nconfig setup\n", "conn a\n  keyexchange=ikev3\n", "conn a\n  modeconfig=pushed\n", "conn a\n  xauth=both\n", "conn a\n  aggressive=2\n",
        "conn a\n  inactivity=x\n", "conn a\n  replay_window=x\n", "conn a\n  replay_window=-1\n", "conn a\n  compress=x\n", "conn a\n  installpolicy=x\n", "conn a\n  sha256_96=x\n", "conn a\n  reauth=x\n", "conn a\n  marginpackets=x\n",
        "include\n", "include \n", "include §nothing\n", "include §x\n§config setup\n", "include §x\n§garbage\n", "conn a\n  include §x\n§  left=1.2.3.4\n", "include §x\nconn b\n§conn a\n  dpddelay=x\n", "include \"§x\"\n§config setup\n",
        "conn a\n  left=1.2.3.4\n}\n", "conn a {\n}\n", "config setup {\n}\n", "conn a\n  left='1.2.3.4'\n", "conn a\n  left=\"a\\\"b\"\n", "conn a\n  left=ä\n", "conn ä\n", "conn a\n  left=1.2.3.4 right=1.2.3.5\n", "conn a\n  LEFT=1.2.3.4\n", "CONN a\n",
        "conn %auto\n  left=1.2.3.4\n", "conn a\n  =\n", "conn a\n  \"left\"=x\n", "conn a\n  left x=y\n", "\tconn a\n", " conn a\n", " config setup\n", "conn a\n  conn b\n", "conn a\n  version=x\n", "\0", "conn a\n  left=\0x\n", "\u00ef\u00bb\u00bfconfig setup\n",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void TheVerdictIsTheReferences(string text)
    {
        var parts = text.Split("\n§", 2);
        var file = Path.Combine(_root, "ipsec.conf");
        File.WriteAllText(file, parts[0].Replace("§", "", StringComparison.Ordinal) + (parts.Length > 1 ? "\n" : ""));
        if (parts.Length > 1) File.WriteAllText(Path.Combine(_root, "x"), parts[1]);
        var error = new StringWriter();
        var code = Starter.Starter.Run(new(new Paths(_root, _root, _root, _root, $"{_root}/strongswan.conf"), error, error) { Connect = () => throw new ViciFailure("nobody is to be asked") },
            ["--conftest", Level(text), "--conf", file]);
        Assert.Contains(code, (int[])[ExitCode.Success, ExitCode.InvalidArgument]);
        if (!File.Exists(Reference)) return;
        var (theirs, said) = Ask(file, Level(text));
        var ours = error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()).ToList();
        Assert.True(theirs == code && IsWithin(said, ours), $"theirs: {theirs}\n{string.Join('\n', said)}\nours: {code}\n{string.Join('\n', ours)}");
    }

    // Ours shows control characters of values as question marks, and has given an %auto its name by then.
    static string Level(string text) => text.Contains("%auto") || text.Contains("\"x\ny\"") || text.Any(c => c is '\0' or '\r') ? "--nofork" : "--debug-more";

    static bool IsWithin(List<string> lines, List<string> more)
    {
        var at = 0;
        return lines.TrueForAll(line => (at = more.IndexOf(line, at) + 1) > 0);
    }

    static (int Code, List<string> Lines) Ask(string file, string level)
    {
        using var starter = Process.Start(new ProcessStartInfo(Reference, ["--conftest", level, "--conf", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = starter.StandardOutput.ReadToEndAsync();
        var lines = starter.StandardError.ReadToEnd() + output.Result;
        starter.WaitForExit();
        return (starter.ExitCode, [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim())]);
    }
}
