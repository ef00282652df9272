// The log: the form of its lines, its levels, its loggers, and that it never blocks.
using System.Text;
using Cygnet.Charon.Logging;
using Cygnet.Ike;

namespace Cygnet.Charon.Tests;

public sealed class LogTests
{
    static readonly DateTimeOffset At = new(new DateTime(2026, 11, 1, 22, 42, 18, 7, DateTimeKind.Local));

    static string Written(Func<Stream, FileLogger> create, params (int Thread, LogLine Line)[] lines)
    {
        var stream = new MemoryStream();
        using (var logger = create(stream))
            foreach (var (thread, line) in lines)
            {
                var entry = new LogEntry(At, thread, line);
                if (logger.Wants(entry)) logger.Write(entry);
            }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [Fact]
    public void ALineHasTheReferencesForm()
    {
        var line = (15, new LogLine(LogGroup.Ike, 1, "psk", 1, "initiating"));
        Assert.Equal("15[IKE] initiating\n", Written(s => new(new(1), s, false), line));
        Assert.Equal("Nov  1 22:42:18 15[IKE] <psk|1> initiating\n", Written(s => new(new(1), s, false) { TimeFormat = "%b %e %T", ShowsName = true }, line));
        Assert.Equal("22:42:18.007 15[IKE1] initiating\n", Written(s => new(new(1), s, false) { TimeFormat = "%T", FractionDigits = 3, ShowsLevel = true }, line));
        Assert.Equal("02[NET] <7> received\n", Written(s => new(new(1), s, false) { ShowsName = true }, (2, new LogLine(LogGroup.Net, 1, null, 7, "received"))));
        Assert.Equal("02[NET] received\n", Written(s => new(new(1), s, false) { ShowsName = true }, (2, new LogLine(LogGroup.Net, 1, null, 0, "received"))));
    }

    [Fact]
    public void EveryLineOfAMessageGetsThePrefixAndNoneSteersTheTerminal() =>
        Assert.Equal("00[CFG] a\n00[CFG] b?[2Jc\td\n", Written(s => new(new(1), s, false), (0, new LogLine(LogGroup.Cfg, 1, null, 0, "a\nb\x1b[2Jc\td\n"))));

    [Theory]
    [InlineData(-1, 0, 6)]
    [InlineData(-1, 4, 6)]
    [InlineData(5, 0, 5)]
    [InlineData(5, 1, 6)]
    [InlineData(5, 3, 7)]
    [InlineData(0, 2, 2)]
    public void LevelsAreMappedToThoseOfSyslog(int mapLevel, int level, int severity) => Assert.Equal(severity, SyslogLogger.Severity(mapLevel, level));

    [Fact]
    public void FractionsOfTheSecondHaveThePrecisionThatIsAskedFor()
    {
        var line = (1, new LogLine(LogGroup.Ike, 1, null, 0, "x"));
        Assert.Equal("22:42:18.007000 01[IKE] x\n", Written(s => new(new(1), s, false) { TimeFormat = "%T", FractionDigits = 6 }, line));
    }

    [Fact]
    public void LevelsAreKeptByGroup()
    {
        var levels = new LogLevels(0).With(LogGroup.Net, 2).With(LogGroup.Ike, -1);
        Assert.Equal("00[NET] two\n00[CFG] zero\n", Written(s => new(levels, s, false),
            (0, new(LogGroup.Net, 2, null, 0, "two")), (0, new(LogGroup.Net, 3, null, 0, "three")),
            (0, new(LogGroup.Cfg, 0, null, 0, "zero")), (0, new(LogGroup.Cfg, 1, null, 0, "one")), (0, new(LogGroup.Ike, 0, null, 0, "silent"))));
    }

    [Theory]
    [InlineData("%Y-%m-%dT%H:%M:%S", "2026-11-01T22:42:18")]
    [InlineData("%F %R%%", "2026-11-01 22:42%")]
    [InlineData("%a %A %j %y %I%p", "Sun Sunday 305 26 10PM")]
    [InlineData("%Q%", "%Q%")]
    public void TimesAreFormattedAsStrftimeDoes(string format, string text) => Assert.Equal(text, StrfTime.Format(format, At));

    [Fact]
    public void ALogThatCannotKeepUpDropsAndSaysHowMany()
    {
        var stream = new GatedStream();
        var log = new Log();
        log.Use([new FileLogger(new(1), stream, false) { FlushesLines = true }]);
        log.Write(LogGroup.Dmn, 1, "first");
        stream.Entered.Wait();
        for (var i = 0; i < 20_000; i++) log.Write(LogGroup.Net, 1, "flood");
        stream.Gate.Set();
        log.Dispose();
        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.InRange(text.Split("flood").Length, 1000, 10_000);
        Assert.Matches(@"\d+ log lines lost", text);
    }

    [Fact]
    public async Task WhoMayBeHeldUpLosesNothingAndLeavesRoomForTheOthers()
    {
        const int lines = 20_000;
        var stream = new GatedStream();
        var log = new Log { LongestWait = TimeSpan.FromMinutes(10) };
        log.Use([new FileLogger(new(1), stream, false) { FlushesLines = true }]);
        log.Write(LogGroup.Dmn, 1, "first");
        stream.Entered.Wait();
        var said = 0;
        var loading = Task.Run(() =>
        {
            for (; said < lines; Interlocked.Increment(ref said)) log.WriteInTime(LogGroup.Cfg, 1, "loaded", 9);
        });
        // It is held up long before it is through, and a shard that serves peers finds room all the while.
        for (var i = 0; i < 1000; i++) log.Write(LogGroup.Net, 1, "served");
        Assert.True(Volatile.Read(ref said) < lines / 2);
        stream.Gate.Set();
        await loading;
        log.Dispose();
        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.Equal((lines, 1000), (text.Split("loaded").Length - 1, text.Split("served").Length - 1));
        Assert.DoesNotContain("lines lost", text);
    }

    [Fact]
    public void ALogThatDoesNotMoveHoldsNobodyUpForLong()
    {
        var stream = new GatedStream();
        var log = new Log { LongestWait = TimeSpan.FromMilliseconds(1) };
        log.Use([new FileLogger(new(1), stream, false) { FlushesLines = true }]);
        log.Write(LogGroup.Dmn, 1, "first");
        stream.Entered.Wait();
        // Each line would wait on its own, were it not known that it is in vain.
        for (var i = 0; i < 20_000; i++) log.WriteInTime(LogGroup.Cfg, 1, "loaded", 9);
        stream.Gate.Set();
        log.Dispose();
        var text = Encoding.UTF8.GetString(stream.ToArray());
        var lost = int.Parse(System.Text.RegularExpressions.Regex.Match(text, @"(\d+) log lines lost").Groups[1].Value);
        Assert.Equal(20_000, lost + text.Split("loaded").Length - 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ALogThatCannotBeWrittenIsNamedOnceAndGoesOnWhenItCan(bool hasAnother)
    {
        var (full, other, said) = (new FullStream(), new MemoryStream(), new List<string>());
        var log = new Log(said.Add);
        FileLogger small = new(new(1), full, false, "/var/log/small") { FlushesLines = true }, another = new(new(0), other, false);
        log.Use(hasAnother ? [small, another] : [small]);
        log.Write(LogGroup.Ike, 1, "first");
        Until(() => full.Text == "00[IKE] first\n");
        full.IsFull = true;
        for (var i = 0; i < 3; i++) log.Write(LogGroup.Ike, 1, "vanished");
        // with the complaint itself
        Until(() => full.Refused == 4);
        full.IsFull = false;
        Until(() =>
        {
            log.Write(LogGroup.Ike, 1, "later");
            return full.Text.Contains("works again");
        });
        log.Dispose();
        Assert.DoesNotContain("vanished", full.Text);
        Assert.Contains("00[IKE] later\n", full.Text);
        Assert.Contains("00[DMN] writing to /var/log/small works again, 4 log lines are lost\n", full.Text);
        const string complaint = "writing to /var/log/small failed: No space left on device; the daemon goes on without that log";
        Assert.Equal(hasAnother ? [] : [complaint], said);
        Assert.Equal(hasAnother ? $"00[DMN] {complaint}\n00[DMN] writing to /var/log/small works again, 4 log lines are lost\n" : "", Encoding.UTF8.GetString(other.ToArray()));
    }

    static void Until(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(() =>
    {
        Thread.Sleep(1);
        return isSo();
    }, TimeSpan.FromSeconds(60)));

    sealed class FullStream : MemoryStream
    {
        readonly Lock _lock = new();
        volatile int _refused;

        public volatile bool IsFull;

        public int Refused => _refused;

        public string Text
        {
            get
            {
                lock (_lock) return Encoding.UTF8.GetString(ToArray());
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (IsFull)
            {
                _refused++;
                throw new IOException("No space left on device");
            }
            lock (_lock)
            {
                var bytes = buffer.ToArray();
                base.Write(bytes, 0, bytes.Length);
            }
        }
    }

    sealed class GatedStream : MemoryStream
    {
        public ManualResetEventSlim Gate { get; } = new();
        public ManualResetEventSlim Entered { get; } = new();

        public override void Write(byte[] buffer, int offset, int count)
        {
            Entered.Set();
            Gate.Wait();
            base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Entered.Set();
            Gate.Wait();
            base.Write(buffer);
        }
    }

    [Fact]
    public void WhatNobodyWantsIsNotQueuedAndAWatcherRaisesTheLevel()
    {
        using var log = new Log();
        Assert.False(log.Wants(LogGroup.Ike, 0));
        log.Use([new FileLogger(new LogLevels(1).With(LogGroup.Enc, -1), new MemoryStream(), true)]);
        Assert.True(log.Wants(LogGroup.Ike, 1));
        Assert.False(log.Wants(LogGroup.Ike, 2));
        Assert.False(log.Wants(LogGroup.Enc, 0));
        using (log.Watch(2)) Assert.True(log.Wants(LogGroup.Enc, 2));
        Assert.False(log.Wants(LogGroup.Enc, 0));
        log.SetLevel(LogGroup.Ike, 3);
        Assert.True(log.Wants(LogGroup.Ike, 3));
    }

    [Theory]
    [InlineData(new[] { "--debug-ike", "3" }, 3, 1)]
    [InlineData(new[] { "--debug-any", "-1", "--debug-ike=2" }, 2, -1)]
    [InlineData(new[] { "--debug-wch", "4" }, 1, 1)]
    public void TheCommandLineSetsLevels(string[] args, int ike, int net)
    {
        var line = CommandLine.Parse(args);
        Assert.Null(line.Error);
        Assert.Equal((ike, net), (line.Levels[LogGroup.Ike], line.Levels[LogGroup.Net]));
    }

    [Theory]
    [InlineData("--debug-xyz", "1")]
    [InlineData("--debug-ike", "5")]
    [InlineData("--debug-ike")]
    [InlineData("--nosuch")]
    public void TheCommandLineNamesWhatIsWrong(params string[] args) => Assert.Contains(args[0].Split("--")[1].Split('-')[^1], CommandLine.Parse(args).Error);
}
