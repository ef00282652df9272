// The sections of charon.syslog, as the system's log sees them. RFC 3164.
using System.Net.Sockets;
using System.Text;
using Cygnet.Charon.Logging;
using Cygnet.Ike;

namespace Cygnet.Charon.Tests;

public sealed class SyslogSettingTests
{
    [Fact]
    public async Task The_system_log_is_told_as_its_sections_say()
    {
        using var conf = new WrittenConf("""
            syslog {
                identifier = gate
                daemon {
                    default = 0
                    ike = 2
                    ike_name = yes
                    log_level = yes
                }
                auth {
                    default = -1
                    cfg = 1
                }
            }
            """);
        var path = conf.Path("log");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        using (var log = new Log())
        {
            log.Use(LoggerSetup.Open(conf.Conf, new(), Assert.Fail, path));
            log.Write(3, new LogLine(LogGroup.Ike, 2, "net", 7, "told in detail"));
            log.Write(3, new LogLine(LogGroup.Ike, 3, "net", 7, "too much"));
            log.Write(4, new LogLine(LogGroup.Net, 0, null, 0, "told of all"));
            log.Write(4, new LogLine(LogGroup.Net, 1, null, 0, "not told"));
            log.Write(5, new LogLine(LogGroup.Cfg, 1, "net", 7, "told to the other"));
        }
        const string time = @"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d";
        string[] expected =
        [
            $@"^<30>{time} gate\[{Environment.ProcessId}\]: 03\[IKE2\] <net\|7> told in detail$",
            $@"^<30>{time} gate\[{Environment.ProcessId}\]: 04\[NET0\] told of all$",
            $@"^<38>{time} gate\[{Environment.ProcessId}\]: 05\[CFG\] told to the other$",
        ];
        var buffer = new byte[4096];
        foreach (var line in expected) Assert.Matches(line, Encoding.UTF8.GetString(buffer, 0, await listener.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(60))));
        Assert.Equal(0, listener.Available);
    }
}
