// ipsec.conf: syntax, precedence, and the texts of the complaints, which are those of strongSwan 5.9.8. ipsec.conf(5).
using Cygnet.Config;

namespace Cygnet.Tests.Config;

public sealed class StrongSwanConfTests
{
    const string Path = "/etc/ipsec.conf";

    static ConfDocument Parse(string text) => StrongSwanConf.Parse(Path, MemoryFiles.With(Path, text));

    static ConfCheck Check(string text) => ConfCheck.Of(Parse(text));

    // The lines of the reference alone.
    static string[] Reference(string text) => [.. Check(text).Errors.SelectMany(e => e.Reference.Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    static string? Value(string text, string key, string conn = "a") => Check(text).Connections.Single(c => c.Name == conn).Text(key);

    [Theory]
    [InlineData("foo=bar\n", "/etc/ipsec.conf:1: syntax error, unexpected STRING", "/etc/ipsec.conf:1:1: 'foo'")]
    [InlineData("conn a\nleft=1.2.3.4\n", "/etc/ipsec.conf:2: syntax error, unexpected STRING", "/etc/ipsec.conf:2:1: 'left'")]
    [InlineData("conn\n  left=1\n", "/etc/ipsec.conf:2: section name missing", "/etc/ipsec.conf:1:1: 'conn'")]
    [InlineData("conn a\n  left\n  right=2\n", "/etc/ipsec.conf:3: missing value for setting 'left'", "/etc/ipsec.conf:2:3: 'left'")]
    [InlineData("conn", "section name missing", "/etc/ipsec.conf:1:1: 'conn'")]
    [InlineData("conn a\n  left right=1\n", "/etc/ipsec.conf:2: missing value for setting 'left'", "/etc/ipsec.conf:2:3: 'left'")]
    [InlineData("conn a\n  left", "missing value for setting 'left'", "/etc/ipsec.conf:2:3: 'left'")]
    [InlineData("conn a\n  left=a=b\n", "/etc/ipsec.conf:2: syntax error, unexpected EQ", "/etc/ipsec.conf:2:9: '='")]
    [InlineData("conn a\n  =b\n", "/etc/ipsec.conf:2: syntax error, unexpected EQ", "/etc/ipsec.conf:2:3: '='")]
    [InlineData("conn a b\n  left=1\n", "/etc/ipsec.conf:1: syntax error, unexpected STRING", "/etc/ipsec.conf:1:8: 'b'")]
    [InlineData("conn a=b\n", "/etc/ipsec.conf:1: syntax error, unexpected EQ", "/etc/ipsec.conf:1:7: '='")]
    [InlineData("config\n  x=y\n", "/etc/ipsec.conf:1: syntax error, unexpected STRING", "/etc/ipsec.conf:1:1: 'config'")]
    [InlineData("config  setup\n", "/etc/ipsec.conf:1: syntax error, unexpected STRING", "/etc/ipsec.conf:1:1: 'config'")]
    [InlineData("connx\n", "/etc/ipsec.conf:1: syntax error, unexpected STRING", "/etc/ipsec.conf:1:1: 'connx'")]
    [InlineData("\"foo\"\n", "/etc/ipsec.conf:1: syntax error, unexpected STRING", "/etc/ipsec.conf:1:1: 'foo'")]
    [InlineData("include\n", "/etc/ipsec.conf:1: syntax error, unexpected STRING", "/etc/ipsec.conf:1:1: 'include'")]
    [InlineData("conn a\n  left=1.2.3.4\n}\n", "/etc/ipsec.conf:3: syntax error, unexpected STRING", "/etc/ipsec.conf:3:1: '}'")]
    [InlineData(" conn a\n", "/etc/ipsec.conf:1: missing value for setting 'conn'", "/etc/ipsec.conf:1:2: 'conn'")]
    [InlineData("conn a\n left=\"a\nb\"\n right\n", "/etc/ipsec.conf:5: missing value for setting 'right'", "/etc/ipsec.conf:4:2: 'right'")]
    public void A_syntax_error_rejects_the_file(string text, string reference, string ours)
    {
        var document = Parse(text);
        Assert.True(document.IsFatal);
        var lines = document.Errors.SelectMany(e => e.Lines).ToList();
        Assert.Equal(reference, lines[0]);
        Assert.StartsWith(ours, lines[1]);
        Assert.Equal("invalid config file '/etc/ipsec.conf'", lines[2]);
        Assert.Empty(ConfCheck.Of(document).Connections);
    }

    [Fact]
    public void An_open_quote_is_two_lines() => Assert.Equal(
        ["/etc/ipsec.conf:3: unterminated string detected", "/etc/ipsec.conf:3: syntax error, unexpected STRING_ERROR", "invalid config file '/etc/ipsec.conf'"],
        Reference("conn a\n left=\"abc\n"));

    [Theory]
    [InlineData("conn half\n also=missing\n", "section 'missing' referenced in section 'half' not found")]
    [InlineData("conn a\n also=b\nconn b\n also=a\n", "section 'a' referenced in section 'b' causes a loop")]
    [InlineData("conn a\n also=a\n", "section 'a' referenced in section 'a' causes a loop")]
    [InlineData("ca b\nconn a\n also=b\n", "section 'b' referenced in section 'a' not found")]
    public void A_bad_also_rejects_the_file(string text, string reference)
    {
        Assert.Equal([reference], Reference(text));
        Assert.True(Check(text).IsFatal);
    }

    [Fact]
    public void A_missing_file_is_fatal() => Assert.True(StrongSwanConf.Parse(Path, new MemoryFiles()).IsFatal);

    public static TheoryData<string, string[]> BadValues => new()
    {
        { "conn a\n  rekey=maybe\n  foo=bar\n  auto=add\n  pfs=yes\n  lifetime=x\n",
            ["# unknown keyword 'foo'", "# bad duration value: lifetime=x", "  bad argument value in conn 'a'", "# deprecated keyword 'pfs' in conn 'a'",
            "  PFS is enabled by specifying a DH group in the 'esp' cipher suite", "# bad option value: rekey=maybe",
            "# ignored conn 'a' due to 2 parsing errors", "### 4 parsing errors (0 fatal) ###"] },
        { "config setup\n  uniqueids=foo\n  charondebug=\"xx\"\n  nat_traversal=yes\n  pkcs11module=x\n",
            ["# deprecated keyword 'nat_traversal' in config setup", "# deprecated keyword 'pkcs11module' in config setup", "  use the 'pkcs11' plugin instead",
            "# bad value: uniqueids=foo", "  bad argument value in config setup", "### 3 parsing errors (1 fatal) ###"] },
        { "conn a\n  cacert=x\n  auto=add\n",
            ["# unsupported keyword 'cacert' in conn 'a'", "# ignored conn 'a' due to 1 parsing error", "### 1 parsing error (0 fatal) ###"] },
        { "ca a\n  left=x\n  auto=add\n  ldaphost=x\n",
            ["# deprecated keyword 'ldaphost' in ca 'a'", "# unsupported keyword 'left' in ca 'a'", "# ignored ca 'a' due to 1 parsing error", "### 2 parsing errors (0 fatal) ###"] },
        { "conn a\n  auth=x\n  Left=x\n  leftfirewall=yes\n  leftupdown=x\n",
            ["# unknown keyword 'Left'", "# unknown keyword 'auth'", "# cannot have both leftfirewall and leftupdown",
            "# ignored conn 'a' due to 1 parsing error", "### 3 parsing errors (0 fatal) ###"] },
        { "conn a\n  rekeyfuzz=10\n  auto=foo\n  keyingtries=x\n  lifebytes=1x\n  ikedscp=12\n  mark=foo\n  tfc=zz\n  replay_window=z\n  type=foo\n  keyexchange=v3\n  authby=foo\n"
            + "  dpdaction=foo\n  leftauth=bogus\n  leftsubnet=foo\n  leftikeport=x\n  reqid=x\n  leftsendcert=maybe\n  fragmentation=x\n  closeaction=q\n  xauth=q\n  modeconfig=q\n",
            ["# bad value: authby=foo", "  bad argument value in conn 'a'", "# bad value: auto=foo", "  bad argument value in conn 'a'", "# bad value: closeaction=q",
            "  bad argument value in conn 'a'", "# bad value: dpdaction=foo", "  bad argument value in conn 'a'", "# bad value: fragmentation=x", "  bad argument value in conn 'a'",
            "# bad binary value: ikedscp=12", "  bad argument value in conn 'a'", "# bad value: keyexchange=v3", "  bad argument value in conn 'a'", "# bad integer value: keyingtries=x",
            "# bad integer value: leftikeport=x", "  bad argument value in conn 'a'", "# bad value: leftsendcert=maybe", "  bad argument value in conn 'a'", "# bad integer value: lifebytes=1x",
            "  bad argument value in conn 'a'", "invalid mark value: foo", "# bad option value: modeconfig=q", "# bad percent value: rekeyfuzz=10", "  bad argument value in conn 'a'",
            "# bad integer value: replay_window=z", "  bad argument value in conn 'a'", "# bad integer value: reqid=x", "  bad argument value in conn 'a'", "# bad integer value: tfc=zz",
            "# bad policy value: type=foo", "# bad option value: xauth=q", "# ignored conn 'a' due to 19 parsing errors", "### 19 parsing errors (0 fatal) ###"] },
        { "conn a\n  mark_in=1/x\n  leftprotoport=foo/bar\n  leftallowany=foo\n  margintime=1.5h\n  dpddelay=30s5\n left=999.1.1.1\n",
            ["# bad duration value: dpddelay=30s5", "  bad argument value in conn 'a'", "# bad value: leftallowany=foo", "  bad argument value in conn 'a'",
            "# bad protocol: leftprotoport=foo", "  bad argument value in conn 'a'", "# bad duration value: margintime=1.5h", "  bad argument value in conn 'a'",
            "invalid mark mask: x", "# ignored conn 'a' due to 5 parsing errors", "### 5 parsing errors (0 fatal) ###"] },
        { "conn %default\n  foo=1\nconn a\n  also=%default\nconn b\n  type=x\n",
            ["# unknown keyword 'foo'", "# bad policy value: type=x", "# unknown keyword 'foo'", "# ignored conn 'b' due to 1 parsing error", "### 3 parsing errors (0 fatal) ###"] },
        { "conn z\n type=q\nconn b\n type=q\nca z\n auto=q\n",
            ["# bad value: auto=q", "  bad argument value in ca 'z'", "# ignored ca 'z' due to 1 parsing error", "# bad policy value: type=q", "# ignored conn 'z' due to 1 parsing error",
            "# bad policy value: type=q", "# ignored conn 'b' due to 1 parsing error", "### 3 parsing errors (0 fatal) ###"] },
        { "conn D\n also=C\n also=B\nconn C\n also=A\n xx=1\nconn B\n also=A\n yy=1\nconn A\n zz=1\n",
            ["# unknown keyword 'yy'", "# unknown keyword 'xx'", "# unknown keyword 'zz'", "# unknown keyword 'xx'", "# unknown keyword 'zz'", "# unknown keyword 'yy'",
            "# unknown keyword 'zz'", "# unknown keyword 'zz'", "### 8 parsing errors (0 fatal) ###"] },
        { "conn a\n leftprotoport=tcp/foo\n", ["# bad port: leftprotoport=foo", "  bad argument value in conn 'a'", "# ignored conn 'a' due to 1 parsing error", "### 1 parsing error (0 fatal) ###"] },
        { "conn a\n leftauth=\n  type=\n auto=\n keyexchange=\n reauth=\n mark=\n tfc=\n", [] },
    };

    [Theory]
    [MemberData(nameof(BadValues))]
    public void Bad_values_read_as_the_reference_says(string text, string[] lines) => Assert.Equal(lines, Reference(text));

    [Fact]
    public void Only_errors_in_config_setup_are_fatal()
    {
        Assert.True(Check("config setup\n cachecrls=1\n").IsFatal);
        Assert.False(Check("conn a\n type=x\n").IsFatal);
    }

    [Fact]
    public void Ours_stands_below_with_the_nearest_word()
    {
        var lines = Check("conn a\n\tlfet=1.2.3.4\n\tauto=sart\n").Errors.SelectMany(e => e.Lines).ToList();
        Assert.Contains("/etc/ipsec.conf:2:2: 'lfet': expected a keyword of 'conn'; did you mean 'left'?", lines);
        Assert.Contains("/etc/ipsec.conf:3:7: 'sart': expected ignore, add, route or start; did you mean 'start'?", lines);
        Assert.Equal(lines.IndexOf("# unknown keyword 'lfet'") + 1, lines.IndexOf("/etc/ipsec.conf:2:2: 'lfet': expected a keyword of 'conn'; did you mean 'left'?"));
    }

    [Theory]
    [InlineData("conn a\n leftid=x y  z\n", "x y z")]
    [InlineData("conn a\n leftid = \"C=CH, O=x\"\n", "C=CH, O=x")]
    [InlineData("conn a\n leftid=\"a b\" c \"d\\ne\"\n", "a b c d\ne")]
    [InlineData("conn a\n leftid=\"a\\\nb\"\n", "ab")]
    [InlineData("conn a\n leftid=\"a\nb\"\n", "a\nb")]
    [InlineData("conn a\n leftid=\"a\\\"b\\\\\"\n", "a\"b\\")]
    [InlineData("conn a\n leftid=abc#x\n", "abc")]
    [InlineData("conn a\n leftid=@#0102#x\n", "@#0102")]
    [InlineData("conn a\n leftid=\"a#b\" # c\n", "a#b")]
    [InlineData("conn a\r\n leftid=abc\r\n", "abc")]
    [InlineData("version 2\nconn a\n version 2.0\n leftid=abc", "abc")]
    [InlineData("conn a\n\n \t\n# x\n  # y\n\tleftid=abc\n", "abc")]
    [InlineData("conn a\n leftid=abc\n leftid=def\n", "def")]
    [InlineData("conn a\n leftid=abc\nconn b\nconn a\n rekey=no\n", "abc")]
    [InlineData("conn a\n leftid=\n", null)]
    public void Values_are_joined_and_unescaped(string text, string? value) => Assert.Equal(value, Value(text, "leftid"));

    [Theory]
    [InlineData("conn a\n leftid=own\n also=b\nconn b\n leftid=b\n", "own")]
    [InlineData("conn a\n also=b\n leftid=own\nconn b\n leftid=b\n", "own")]
    [InlineData("conn a\n also=b\n also=c\nconn b\n leftid=b\nconn c\n leftid=c\n", "c")]
    [InlineData("conn a\n also=b\nconn b\n also=c\nconn c\n leftid=c\nconn %default\n leftid=d\n", "c")]
    [InlineData("conn %default\n leftid=d\nconn a\n rekey=no\n", "d")]
    [InlineData("conn a\n rekey=no\nconn %default\n leftid=d\n", "d")]
    [InlineData("conn %default\n leftid=d\nconn a\n leftid=\n", null)]
    [InlineData("conn %default\n also=x\nconn x\n leftid=x\nconn a\n rekey=no\n", "x")]
    [InlineData("conn a\n also=c\n also=b\nconn b\n also=n\nconn c\n also=n\n leftid=c\nconn n\n leftid=n\n", "c")]
    public void Nearer_settings_win(string text, string? value) => Assert.Equal(value, Value(text, "leftid"));

    [Theory]
    [InlineData("conn %default\n keylife=20m\nconn a\n lifetime=1h\n", "1h")]
    [InlineData("conn %default\n lifetime=20m\nconn a\n keylife=1h\n", "1h")]
    [InlineData("conn a\n lifetime=1h\n keylife=2h\n", "1h")]
    public void Synonyms_count_as_one_keyword(string text, string value) => Assert.Equal(value, Value(text, "lifetime"));

    [Fact]
    public void Unnamed_conns_are_numbered() =>
        Assert.Equal(["conn_1", "conn_2"], Check("conn %auto\n auto=add\nconn %auto\n auto=add\n").Connections.Select(c => c.Name));

    [Fact]
    public void Includes_are_relative_and_may_go_on_with_the_section()
    {
        var files = MemoryFiles.With(Path, "conn a\n  include conf.d/*.part\n right=2.2.2.2\ninclude \"other file\"\ninclude no/such\n");
        files["/etc/conf.d/1.part"] = " left=1.1.1.1";
        files["/etc/conf.d/2.part"] = " leftid=two\n include ../sub/x\\ y\n";
        files["/etc/conf.d/../sub/x y"] = " rightid=deep\n";
        files["/etc/other file"] = "conn b\n left=3.3.3.3\n";
        var check = ConfCheck.Of(StrongSwanConf.Parse(Path, files));
        var a = check.Connections[0];
        Assert.Equal(("1.1.1.1", "2.2.2.2", "two", "deep"), (a.Text("left"), a.Text("right"), a.Text("leftid"), a.Text("rightid")));
        Assert.Equal(new Position("/etc/conf.d/2.part", 1, 9), a["leftid"]!.ValueAt);
        Assert.Equal("3.3.3.3", check.Connections[1].Text("left"));
        Assert.Equal(["no files found matching '/etc/no/such'"], check.Errors.SelectMany(e => e.Lines));
    }

    [Fact]
    public void A_file_that_includes_itself_ends()
    {
        var files = MemoryFiles.With(Path, "conn a\n left=1.1.1.1\ninclude *.conf\n");
        var check = ConfCheck.Of(StrongSwanConf.Parse(Path, files));
        Assert.Equal("/etc/ipsec.conf:3:1: '/etc/ipsec.conf': includes itself or too much, ignored", Assert.Single(check.Errors).ToString());
        Assert.False(check.IsFatal);
    }

    [Fact]
    public void An_error_in_an_included_file_names_both()
    {
        var files = MemoryFiles.With(Path, "include x\n");
        files["/etc/x"] = "conn a\n  left\n";
        Assert.Equal(["/etc/x:3: missing value for setting 'left'", "invalid config file '/etc/ipsec.conf'"], StrongSwanConf.Parse(Path, files).Errors.Select(e => e.Reference));
    }

    [Fact]
    public void A_long_chain_of_also_is_no_trouble()
    {
        var text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"conn c{i}\n also=c{i + 1}\n")) + "conn c5000\n leftid=end\n";
        var document = Parse(text);
        Assert.False(document.IsFatal);
        Assert.Equal(5001, document.Lineage(document.Find(ConfSectionType.Conn, "c0")!).Count);
    }
}
