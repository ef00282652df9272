// Which loggers there are: those of strongswan.conf's filelog and syslog sections, else the defaults.
using System.Collections.Immutable;
using Cygnet.Ike;
using Cygnet.Linux;

namespace Cygnet.Charon.Logging;

static class LoggerSetup
{
    /// <summary>Opens the loggers. What cannot be opened is told to <paramref name="complain"/>; the others work.</summary>
    public static ImmutableArray<Logger> Open(DaemonConf conf, CommandLine line, Action<string> complain, string syslog = Syslog.Path)
    {
        var loggers = ImmutableArray.CreateBuilder<Logger>();
        foreach (var name in conf.Sections("filelog"))
            if (File(conf, name, complain) is { } logger) loggers.Add(logger);
        var identifier = conf.Text("syslog.identifier") ?? "charon";
        foreach (var name in conf.Sections("syslog"))
        {
            if (SyslogLogger.Facility(name) is not { } facility)
            {
                complain($"unknown syslog facility '{name}'");
                continue;
            }
            var at = $"syslog.{name}";
            loggers.Add(new SyslogLogger(Levels(conf, at), facility, identifier, syslog) { ShowsName = conf.Boolean($"{at}.ike_name"), ShowsLevel = conf.Boolean($"{at}.log_level"), MapLevel = (int)Math.Clamp(conf.Number($"{at}.map_level", -1), -1, 7) });
        }
        if (loggers.Count > 0 || conf.Sections("filelog").Count > 0 || conf.Sections("syslog").Count > 0) return loggers.ToImmutable();
        if (!line.UseSyslog) return [new FileLogger(line.Levels, Console.OpenStandardOutput(), false) { FlushesLines = true }];
        return
        [
            new SyslogLogger(line.Levels, SyslogFacility.Daemon, identifier, syslog),
            new SyslogLogger(new(0), SyslogFacility.AuthPriv, identifier, syslog),
        ];
    }

    /// <summary>The files that <see cref="Open"/> writes to.</summary>
    public static IEnumerable<string> Files(DaemonConf conf) => conf.Sections("filelog").Select(name => PathOf(conf, name)).Where(p => p is not ("stdout" or "stderr"));

    static string PathOf(DaemonConf conf, string name) => conf.Text($"filelog.{name}.path") ?? name;

    static FileLogger? File(DaemonConf conf, string name, Action<string> complain)
    {
        var at = $"filelog.{name}";
        var path = PathOf(conf, name);
        try
        {
            var stream = path switch
            {
                "stdout" => Console.OpenStandardOutput(),
                "stderr" => Console.OpenStandardError(),
                _ => FileLogger.Open(path, conf.Boolean($"{at}.append", true)),
            };
            return new(Levels(conf, at), stream, path is not ("stdout" or "stderr"), path)
            {
                ShowsName = conf.Boolean($"{at}.ike_name"),
                ShowsLevel = conf.Boolean($"{at}.log_level"),
                TimeFormat = conf.Text($"{at}.time_format") ?? "",
                FractionDigits = (conf.Text($"{at}.time_precision"), conf.Boolean($"{at}.time_add_ms")) switch { ("us", _) => 6, ("ms", _) or (_, true) => 3, _ => 0 },
                FlushesLines = conf.Boolean($"{at}.flush_line"),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            complain($"opening file {path} for logging failed: {e.Message}");
            return null;
        }
    }

    static LogLevels Levels(DaemonConf conf, string at)
    {
        var levels = new LogLevels((int)conf.Number($"{at}.default", 1));
        foreach (var group in Enum.GetValues<LogGroup>())
            if (conf.Text($"{at}.{group.ToString().ToLowerInvariant()}") is not null)
                levels = levels.With(group, (int)conf.Number($"{at}.{group.ToString().ToLowerInvariant()}", 1));
        return levels;
    }
}
